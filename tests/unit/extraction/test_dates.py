"""Dates in every Vietnamese form that sites write."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from extraction.dates import read_date

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)  # Tuesday, 13:30 in Viet Nam

FORMS = """
22/10/2025 | 2025-10-22 day
22/10/2025 19:25 | 2025-10-22 19:25
19:25, 22/10/2025 | 2025-10-22 19:25
19:25 ; 22/10/2025 | 2025-10-22 19:25
Thứ tư, 22/10/2025, 19:25 (GMT+7) | 2025-10-22 19:25
22-10-2025 - 07:25 PM | 2025-10-22 19:25
22-10-2025 - 19:25 PM | 2025-10-22 19:25
2025-10-22T12:25:00Z | 2025-10-22 19:25
2025-10-22T19:25:00+07:00 | 2025-10-22 19:25
2025-10-22T19:25:00+0700 | 2025-10-22 19:25
2025-10-22 | 2025-10-22 day
Hà Nội, ngày 07 tháng 9 năm 2025 | 2025-09-07 day
Ngày đăng: 5/3/2026 | 2026-03-05 day
14h02 ngày 22/3 | 2026-03-22 14:02
22/10/2025 19:25 [GMT +7] | 2025-10-22 19:25
8 giờ tối 22/10/2025 | 2025-10-22 20:00
lúc 2:30 chiều ngày 3/4/2026 | 2026-04-03 14:30
12 giờ 5 phút 22/10/2025 | 2025-10-22 12:05
22/10/2025 7:25 CH | 2025-10-22 19:25
T6, 22/10/2025 | 2025-10-22 day
hôm kia | 2026-11-22 day
vừa xong | 2026-11-24 13:30
khoảng 3 giờ trước | 2026-11-24 10:30
hai giờ trước | 2026-11-24 11:30
1 giờ 20 phút trước | 2026-11-24 12:10
5 phút trước | 2026-11-24 13:25
nửa tiếng trước | 2026-11-24 13:00
hôm qua lúc 14:30 | 2026-11-23 14:30
tối qua 9 giờ | 2026-11-23 21:00
Hôm nay, 08:15 | 2026-11-24 08:15
cách đây 3 ngày | 2026-11-21 day
tuần trước | 2026-11-17 day
22 tháng 3 lúc 14:02 | 2026-03-22 14:02
22 Tháng 3, 2025 | 2025-03-22 day
22 thg 10, 2025 | 2025-10-22 day
15 Tháng Mười Một, 2025 | 2025-11-15 day
ngày 2 tháng giêng năm 2026 | 2026-01-02 day
Oct 22, 2025 | 2025-10-22 day
Wed, 22 Oct 2025 19:25:00 +0700 | 2025-10-22 19:25
Wed, 22 Oct 2025 12:25:00 GMT | 2025-10-22 19:25
22.10.2025 | 2025-10-22 day
22/10/25 | 2025-10-22 day
2025/10/22 | 2025-10-22 day
2h | 2026-11-24 11:30
Thứ Hai lúc 09:15 | 2026-11-23 09:15
hom qua | 2026-11-23 day
2 gio truoc | 2026-11-24 11:30
1761135900 | 2025-10-22 19:25
1761135900000 | 2025-10-22 19:25
Chủ nhật, 23/11/2026 ; 06:05 GMT+7 | 2026-11-23 06:05
Yesterday at 10:15 | 2026-11-23 10:15
thứ bảy tuần trước | 2026-11-21 day
tối thứ 6 tuần rồi lúc 20h15 | 2026-11-20 20:15
chủ nhật tuần trước | 2026-11-22 day
ngày 21-11 | 2026-11-21 day
10.11.2026, 15.05 | 2026-11-10 15:05
20261121 | 2026-11-21 day
20261121T201500 | 2026-11-21 20:15
a few seconds ago | 2026-11-24 13:30
""".strip().splitlines()


@pytest.mark.parametrize("line", FORMS)
def test_form(line: str) -> None:
    text, _, wanted = line.partition(" | ")
    found = read_date(text.replace(" ;", " |"), now=NOW)
    assert found is not None
    moment, precision = found
    local = moment.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    day, _, clock = wanted.partition(" ")
    assert f"{local:%Y-%m-%d}" == day
    assert precision == ("day" if clock == "day" else "minute")
    assert f"{local:%H:%M}" == ("00:00" if clock == "day" else clock)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "không có ngày",
        "31/2/2025",
        "Lượt xem: 124",
        "25/12/2027 10:00",
        "13/13",
        "giá 2.500.000",
        "tỷ số 3-2",
        "bài 5/10",
        "99991231",
    ],
)
def test_no_date(text: str) -> None:
    assert read_date(text, now=NOW) is None


def test_the_month_never_comes_first() -> None:
    found = read_date("03/04/2026", now=NOW)
    assert found is not None
    assert found[0].astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).month == 4


def test_a_clock_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        read_date("hôm qua", now=datetime(2026, 11, 24))  # noqa: DTZ001
