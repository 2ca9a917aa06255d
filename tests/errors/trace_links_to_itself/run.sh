# A link cannot be kept here: not every checkout can hold one.
traces=$(mktemp -d)
trap 'rm -r "$traces"' EXIT
cd "$traces"
ln -s trace.jsonl trace.jsonl
"$MOCK_CURSOR" gen . --out "$OUT"
