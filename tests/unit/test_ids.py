import pytest

from dialer.domain.ids import uuid7


def test_a_version_7_uuid_begins_with_its_time() -> None:
    value = uuid7(0x0123456789AB, bytes(range(10)))
    assert value.version == 7
    assert value.variant == "specified in RFC 4122"
    assert value.hex.startswith("0123456789ab")
    assert uuid7(1, b"\xff" * 10) < uuid7(2, b"\0" * 10)


@pytest.mark.parametrize(("at", "entropy"), [(1, b"short"), (-1, bytes(10)), (1 << 48, bytes(10))])
def test_what_does_not_fit_is_refused(at: int, entropy: bytes) -> None:
    with pytest.raises(ValueError, match=r"entropy|range"):
        uuid7(at, entropy)
