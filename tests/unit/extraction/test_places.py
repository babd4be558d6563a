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


@pytest.mark.parametrize(
    "text",
    [
        "Đường Điện Biên Phủ ùn tắc",
        "nhà 12/5 Điện Biên Phủ",
        "Nhà số 25 phố Huế cho thuê",
        "Quán bún bò Huế ngon",
        "Chị Hà Giang là giáo viên",
        "Lê Hà Nam đoạt huy chương",
        "CLB Hà Nội thắng Sông Lam Nghệ An 2-0 trên sân khách",
        "báo Sài Gòn Giải Phóng đưa tin",
        "kẹo dừa Bến Tre hộp 500g",
        "bên nhau an giang vang tiếng hát",
        "Công ty TNHH Hà Nam Ninh",
    ],
)
def test_streets_people_goods_and_clubs_are_no_places(text: str) -> None:
    assert regions(text) == ()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("ủng hộ đồng bào Yên Bái", ("VN-02",)),
        ("cố đô Huế", ("VN-26",)),
        ("thành phố Huế", ("VN-26",)),
        ("quê em Nghệ An", ("VN-22",)),
        ("ở quận 10 có mưa", ("VN-SG",)),
        ("Xe SG - Vinh", ("VN-SG", "VN-22")),
        ("tphcm kẹt xe", ("VN-SG",)),
        ("Măng Đen se lạnh", ("VN-29",)),
        ("xã Tuy Phong", ("VN-35",)),
        ("Mèo Vạc, Hà Giang cũ", ("VN-07",)),
    ],
)
def test_towns_and_communes_under_old_and_new_names(text: str, codes: tuple[str, ...]) -> None:
    assert regions(text) == codes
