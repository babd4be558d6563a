"""Vietnamese words that mails, digest and reasons share. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from model.document import DocumentVersion, Role
from model.lead import Lead

ROLES: Mapping[Role, str] = {
    Role.SUSPECT: "nghi vấn",
    Role.OFFICIAL: "chính thức",
    Role.VICTIM: "người bị hại",
    Role.NEUTRAL: "trung tính",
    Role.EXAMPLE: "ví dụ",
    Role.CHROME: "khung trang",
    Role.SPOOFED: "bị mạo danh",
    Role.UNKNOWN: "chưa rõ",
}

SOURCE_KINDS: Mapping[str, str] = {
    "news": "báo chí",
    "warning": "cảnh báo của cơ quan nhà nước",
    "social": "mạng xã hội",
    "forum": "diễn đàn",
    "channel": "kênh công khai",
    "video": "video",
    "classified": "rao vặt",
    "ad": "quảng cáo",
    "app": "ứng dụng",
    "landing": "trang đích",
}

_SERIOUS, _STRONG = 75, 55


def level(score: int, *, urgent: bool) -> str:
    """How serious a lead is, in words."""
    if score >= _SERIOUS:
        return "rất đáng ngờ"
    if score >= _STRONG:
        return "đáng ngờ"
    return "cần xem" if not urgent else "cần xem ngay"


def hours(value: float) -> str:
    """`5 giờ`, `30 phút`, `3 ngày`: a length of time for people."""
    if value < 1:
        return f"{max(1, round(value * 60))} phút"
    return f"{round(value)} giờ" if value < 72 else f"{round(value / 24)} ngày"


def number(value: int) -> str:
    """`12.300`: a number as Vietnamese writes it."""
    return f"{value:,}".replace(",", ".")


_READ_BY: Mapping[str, str] = {"qr": "mã QR", "ocr": "chữ trong ảnh"}


def pictured(attributes: Mapping[str, str]) -> str:
    """`đọc từ ảnh (mã QR, chắc 100%)` for what was read from a picture; "" for what was not."""
    if not attributes.get("image"):
        return ""
    how = _READ_BY.get(attributes.get("read_by", ""), "")
    sure = attributes.get("sure", "").replace(".", "", 1)
    told = [how, f"chắc {round(100 * float(attributes['sure']))}%" if sure.isdigit() else ""]
    words = ", ".join(word for word in told if word)
    return f"đọc từ ảnh ({words})" if words else "đọc từ ảnh"


def join(words: Sequence[str]) -> str:
    """`a, b và c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} và {words[-1]}"


def capital(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def reach(documents: Sequence[DocumentVersion]) -> str:
    """How far posts have spread, as far as their sites tell; "" when none does."""
    totals = {
        "lượt xem": sum(version.document.views or 0 for version in documents),
        "lượt thích": sum(version.document.likes or 0 for version in documents),
        "bình luận": sum(version.document.comments or 0 for version in documents),
        "chia sẻ": sum(version.document.shares or 0 for version in documents),
    }
    return ", ".join(f"{number(total)} {word}" for word, total in totals.items() if total)


def draft(lead: Lead, titles: Sequence[str], department: str) -> str:
    """The first sentences of a referral, ready to copy; it proposes and accuses nobody."""
    about = titles[0] if titles else lead.title
    return (
        f"Qua theo dõi thông tin công khai trên mạng, {department} ghi nhận đầu mối {lead.code} có dấu hiệu "
        f"“{about}”, xuất hiện tại {number(len(lead.documents))} bài, gồm {len(lead.identifiers)} định danh nghi vấn "
        "(danh sách kèm theo). Thông tin chưa được xác minh. Kính đề nghị Quý cơ quan xem xét, xác minh và xử lý theo "
        "thẩm quyền; kết quả xin gửi lại để theo dõi chung."
    )
