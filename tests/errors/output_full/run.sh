# A limit on the size of files stands for a full disk: it holds for root, too.
trap '' XFSZ
ulimit -f 32
exec "$MOCK_CURSOR" gen . --out "$OUT"
