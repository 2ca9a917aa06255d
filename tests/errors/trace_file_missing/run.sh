exec "$MOCK_CURSOR" gen nowhere.jsonl --out "$OUT"
