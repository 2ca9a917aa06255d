"""What the driver can do here: what takes no libpq."""

from __future__ import annotations

from . import errors as e


class Capabilities:
    """Features that depend on libpq's version: those that are replayed."""

    __module__ = "psycopg"

    def has_encrypt_password(self, check: bool = False) -> bool:
        return _absent("PGconn.encrypt_password()", check)

    def has_hostaddr(self, check: bool = False) -> bool:
        return True

    def has_pipeline(self, check: bool = False) -> bool:
        return True

    def has_set_trace_flags(self, check: bool = False) -> bool:
        return _absent("PGconn.set_trace_flags()", check)

    def has_cancel_safe(self, check: bool = False) -> bool:
        return True

    def has_stream_chunked(self, check: bool = False) -> bool:
        return True

    def has_send_close_prepared(self, check: bool = False) -> bool:
        return _absent("PGconn.send_close_prepared()", check)

    def has_used_gssapi(self, check: bool = False) -> bool:
        return _absent("PGconn.used_gssapi", check)

    def has_full_protocol_version(self, check: bool = False) -> bool:
        return True


def _absent(feature: str, check: bool) -> bool:
    if check:
        raise e.NotSupportedError(
            f"the feature '{feature}' is not available in a replay"
        )
    return False


capabilities = Capabilities()
