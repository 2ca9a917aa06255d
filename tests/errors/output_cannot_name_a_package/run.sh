exec "$MOCK_CURSOR" gen . --out "$OUT/not-a-package"
