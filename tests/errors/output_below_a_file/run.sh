# A place where nothing can be written, whoever runs this.
exec "$MOCK_CURSOR" gen . --out trace.jsonl/fixture
