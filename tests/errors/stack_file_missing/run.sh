exec "$MOCK_CURSOR" gen . --stack-file nowhere.toml --out "$OUT"
