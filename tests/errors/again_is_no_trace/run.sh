exec "$MOCK_CURSOR" gen trace.jsonl --again again.jsonl --out "$OUT"
