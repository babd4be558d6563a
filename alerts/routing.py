"""To whom the department proposes what, by the kinds of a lead's identifiers (notes on duties, table "Routing"). Pure.

Since March 2025: network security is the provincial police's, press and e-information the department of culture's,
telecommunications our own. The department proposes; it does not block, freeze or accuse.
"""

from __future__ import annotations

from model.lead import Lead

_CALLS = frozenset({"phone", "hotline", "phone_prefix", "phone_partial", "shortcode"})
_MONEY = frozenset({"account", "account_partial", "wallet", "card"})


def proposals(lead: Lead) -> tuple[tuple[str, str], ...]:
    """(body, what is proposed), the most urgent first."""
    kinds = {identifier.entity.kind for identifier in lead.identifiers}
    hosts = [
        identifier.entity.value.split("/")[0] for identifier in lead.identifiers if identifier.entity.kind == "link"
    ]
    found: list[tuple[str, str]] = []
    if kinds & _MONEY:
        found.append(
            (
                "Công an tỉnh (PC02, PA05) và ngân hàng, ví có tên",
                "xác minh, xem xét tạm dừng giao dịch với tài khoản nêu trên",
            )
        )
        found.append(("Ngân hàng Nhà nước khu vực", "đối chiếu với dữ liệu tài khoản nghi ngờ (SIMO)"))
    else:
        found.append(("Công an tỉnh (PC02, PA05)", "xác minh, xử lý theo thẩm quyền"))
    if kinds & _CALLS:
        found.append(("Bộ phận viễn thông của Sở và nhà mạng", "kiểm tra thuê bao, đối soát phản ánh 156/5656"))
    if any(host == "vn" or host.endswith(".vn") for host in hosts):
        found.append(("VNNIC", "kiểm tra chủ thể tên miền .vn"))
    if any(not host.endswith(".vn") for host in hosts) or "file" in kinds:
        found.append(("A05, Trung tâm NCSC", "xem xét ngăn chặn tên miền, tệp cài đặt"))
    if kinds & {"handle", "email"}:
        found.append(
            ("Sở Văn hóa, Thể thao và Du lịch; nền tảng", "xem xét yêu cầu gỡ bài, khóa tài khoản (Nghị định 147/2024)")
        )
    return tuple((body.replace(".vn", "[.]vn"), what.replace(".vn", "[.]vn")) for body, what in found)
