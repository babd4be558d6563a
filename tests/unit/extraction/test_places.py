"""Provinces by old and new names."""

from __future__ import annotations

import pytest

from extraction.places import place_label, regions


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Công an tỉnh Lâm Đồng", ("VN-35",)),
        ("ở Phan Thiết, Bình Thuận cũ", ("VN-35",)),
        ("ban homestay o da lat, khach tp hcm", ("VN-35", "VN-SG")),
        ("TP.HCM và Bà Rịa - Vũng Tàu", ("VN-SG",)),
        ("tỉnh Hoà Bình", ("VN-68",)),
        ("giữ hòa bình thế giới", ()),
        ("cao bằng cái bàn", ()),
        ("Cao Bằng", ("VN-04",)),
        ("Gia Lai", ("VN-30",)),
        ("giá lại tăng", ()),
        ("hoa huệ", ()),
        ("Thừa Thiên Huế", ("VN-26",)),
        ("Đắk Nông", ("VN-35",)),
        ("dak lak", ("VN-33",)),
        ("Buôn Ma Thuột", ("VN-33",)),
        ("", ()),
    ],
)
def test_regions(text: str, codes: tuple[str, ...]) -> None:
    assert regions(text) == codes


def test_labels_name_the_former_provinces() -> None:
    assert place_label("VN-35") == "Lâm Đồng (gồm Đắk Nông, Bình Thuận cũ)"
    assert place_label("VN-HN") == "Hà Nội"
    assert place_label("XX") == "XX"
