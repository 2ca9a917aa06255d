# A link cannot be kept here: not every checkout can hold one.
traces=$(mktemp -d)
trap 'rm -r "$traces"' EXIT
cd "$traces"
ln -s . trace-loop.jsonl
"$MOCK_CURSOR" gen . --out "$OUT"
