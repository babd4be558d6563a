"""Posts in volume with exact gold: identifiers in every class of writing, among hard negatives, in five styles.

`posts(count, seed)` is deterministic. Every number, name and host is invented. A post's gold lists the identifiers that
its text contains, each with the class of writing it was given, so that floors can be pinned by class.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from typing import Any

MOBILE = [
    "032",
    "033",
    "034",
    "035",
    "036",
    "037",
    "038",
    "039",
    "056",
    "058",
    "070",
    "076",
    "077",
    "078",
    "079",
    "081",
    "082",
    "083",
    "084",
    "085",
    "086",
    "088",
    "089",
    "090",
    "091",
    "093",
    "094",
    "096",
    "097",
    "098",
]
AREAS = ["0203", "0204", "0225", "0234", "0236", "0251", "0252", "0254", "0258", "0263", "0274", "0292"]
BANKS = {
    "VCB": (["Vietcombank", "VCB", "vcb", "NH Ngoại thương"], (10, 13)), "TCB": (["Techcombank", "TCB", "tcb"], (14, 12)),
    "MB": (["MB Bank", "MBBank", "MB", "Ngân hàng Quân đội"], (10, 13)), "ICB": (["VietinBank", "vietinbank", "Vietin"], (12,)),
    "BIDV": (["BIDV", "bidv"], (14, 10)), "VBA": (["Agribank", "agribank", "agri bank"], (13,)), "ACB": (["ACB", "Á Châu bank", "acb"], (8, 9)),
    "VPB": (["VPBank", "vp bank", "VPB"], (9, 12)), "TPB": (["TPBank", "tpbank"], (11,)), "STB": (["Sacombank", "sacombank"], (12,)),
    "MSB": (["MSB", "Maritime Bank"], (14,)), "VIB": (["VIB", "vib"], (15,)), "SHB": (["SHB"], (10,)), "OCB": (["OCB"], (16,)), "LPB": (["LPBank", "LienVietPostBank"], (12,)),
}  # fmt: skip
WALLETS = {
    "MOMO": ["Momo", "ví MoMo", "momo"],
    "ZALOPAY": ["ZaloPay", "zalopay"],
    "VTLMONEY": ["Viettel Money", "viettelpay"],
}
SURNAMES = ["NGUYEN", "TRAN", "LE", "PHAM", "HOANG", "VU", "DANG", "BUI", "DO", "HO", "NGO", "DUONG"]
GIVEN = [
    "VAN AN",
    "THI BICH",
    "MINH CHAU",
    "QUOC DUNG",
    "HONG HANH",
    "THANH KHOA",
    "NGOC LAN",
    "DUC MANH",
    "THU NGA",
    "KIM OANH",
    "HUU PHUC",
    "TUAN SON",
]
WORDS = ["khong", "mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin"]
WORDS_ACCENTED = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]
LEFT = [
    "xacminh",
    "dangnhap",
    "quatang",
    "tuyendung",
    "vaynhanh",
    "doidiem",
    "nhanthuong",
    "hotro",
    "napthe",
    "giaohang",
    "sukien",
    "kiemtra",
    "trian",
    "dautu",
    "chungkhoan",
    "vip88",
    "bet79",
    "ketqua",
    "viechay",
    "lamviec",
]
TLDS = [
    "com",
    "net",
    "vn",
    "top",
    "xyz",
    "vip",
    "cc",
    "online",
    "site",
    "shop",
    "club",
    "info",
    "life",
    "icu",
    "live",
    "org",
    "com.vn",
    "net.vn",
    "me",
    "co",
]
SAFE_TLDS = ["com", "net", "vn", "top", "xyz", "vip", "cc", "online", "site", "shop", "club", "info", "icu", "com.vn"]

SENTENCES = ["Chiều nay mình vừa nhận được cuộc gọi tự xưng là cán bộ thuế yêu cầu cài ứng dụng", "Bà con trong xã hết sức cảnh giác với chiêu trò mới này", "Em mới mất hơn mười triệu vì tin lời người lạ trên mạng", "Shop em chuyên hàng chính hãng, ship cod toàn quốc", "Tuyển nhân viên chốt đơn tại nhà, lương theo ngày", "Ai biết thông tin người này cho mình xin với", "Công an phường khuyến cáo người dân không chuyển tiền cho người lạ", "Phòng trọ mới xây, đầy đủ nội thất, giờ giấc tự do", "Vay vốn nhanh trong ngày, chỉ cần căn cước, không thẩm định", "Mọi người chia sẻ giúp em để không ai bị lừa nữa", "Chuyến xe tối nay còn hai chỗ trống về quê", "Bên em nhận làm hồ sơ, thủ tục nhanh gọn", "Cháu nhà em đi lạc từ sáng, ai thấy báo giúp gia đình", "Nhóm kín hướng dẫn đầu tư, lãi mỗi ngày, rút tiền về liền", "Đối tượng sử dụng hình ảnh giả để tạo lòng tin rồi chiếm đoạt tài sản", "Hàng về đủ size, khách sỉ lẻ nhắn em báo giá", "Sáng qua trời mưa to nên chợ vắng khách", "Nhà mình cần bán gấp lô đất mặt tiền, sổ hồng chính chủ", "Giá vàng hôm nay giảm nhẹ so với hôm qua", "Trường thông báo lịch nghỉ lễ cho học sinh toàn tỉnh"]  # fmt: skip
CONTACT = [
    "Liên hệ {}",
    "LH: {}",
    "Gọi ngay {} để được tư vấn",
    "SĐT {}",
    "Zalo {}",
    "Số điện thoại của nó là {}",
    "Hotline {}",
    "Nó gọi từ số {}",
    "alo {} nhé",
    "Đt: {}",
    "ib {}",
    "Inbox hoặc gọi {}",
]
VISIT = [
    "Truy cập {} để nhận quà",
    "Đăng ký tại {}",
    "Link: {}",
    "Vào {} xem chi tiết nhé",
    "Trang web {} là giả mạo",
    "Xem thêm: {}",
    "Nó gửi link {}",
    "web {}",
]


class Maker:
    """One generator of invented values; every choice comes from one seeded random source."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def digits(self, count: int) -> str:
        return "".join(self.random.choice("0123456789") for _ in range(count))

    def mobile(self) -> str:
        return self.random.choice(MOBILE) + self.digits(7)

    def name(self) -> str:
        return f"{self.random.choice(SURNAMES)} {self.random.choice(GIVEN)}"

    def host(self, tlds: list[str] = TLDS) -> str:
        label = (
            self.random.choice(LEFT)
            + self.random.choice(["", "-", ""])
            + self.random.choice(["zq9", "24h", "vn", "88", "mb", self.digits(2) + "k"])
        )
        return (self.random.choice(["", "", "", "vcb.", "m."])) + label + "." + self.random.choice(tlds)

    def group(self, number: str, separator: str) -> str:
        sizes = (
            self.random.choice([(4, 3, 3), (3, 3, 4), (4, 2, 4), (3, 4, 3), (4, 6), (2, 4, 4)])
            if len(number) == 10
            else (3, 4, 4)
        )
        parts, position = [], 0
        for size in sizes:
            parts.append(number[position : position + size])
            position += size
        return separator.join(part for part in [*parts, number[position:]] if part)


Gold = list[dict[str, str]]

# --- phones ---------------------------------------------------------------------------------------------------------


def _words(number: str, words: list[str]) -> str:
    return " ".join(words[int(digit)] for digit in number)


def _mixed(maker: Maker, number: str) -> str:
    return " ".join(maker.random.choice([digit, WORDS_ACCENTED[int(digit)]]) for digit in number)


def _between(maker: Maker, number: str) -> str:
    separator = maker.random.choice([*list("*|_~>/+=•→★"), "--", "..", " - ", " . ", "'", "^"])
    return separator.join(number) if maker.random.random() < 0.4 else maker.group(number, separator)


def _look_alike(maker: Maker, number: str) -> str:
    table = {"0": "oO", "1": "lI", "5": "S", "8": "B", "2": "Z", "9": "g"}
    keep = maker.random.choice(["01", "0", "0158", "029"])
    text = "".join(
        maker.random.choice(table[digit]) if digit in keep and maker.random.random() < 0.6 else digit
        for digit in number
    )
    return text if any(character.isalpha() for character in text) else "O" + number[1:]


def _insert(maker: Maker, number: str, junk: str) -> str:
    place = maker.random.randint(2, 7)
    return number[:place] + junk + number[place:]


PHONE_CLASSES = {
    "plain": lambda m, n: n,
    "dotted": lambda m, n: m.group(n, "."),
    "spaced": lambda m, n: m.group(n, " "),
    "dashed": lambda m, n: m.group(n, "-"),
    "plus84": lambda m, n: m.random.choice(["+84" + n[1:], "+84 " + m.group(n, " ")[1:], "(+84) " + n[1:], "+84-" + n[1:]]),
    "84": lambda m, n: "84" + n[1:],
    "each": lambda m, n: m.random.choice([" ", ".", "-", "_"]).join(n),
    "fullwidth": lambda m, n: "".join(chr(0xFF10 + int(d)) for d in n),
    "maths": lambda m, n: "".join(chr(m.random.choice([0x1D7CE, 0x1D7E2, 0x1D7F6]) + int(d)) for d in n),
    "circled": lambda m, n: "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(d)] for d in n),
    "superscript": lambda m, n: "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(d)] for d in n),
    "keycap": lambda m, n: "".join(d + "\ufe0f\u20e3" for d in n),
    "zero_width": lambda m, n: _insert(m, _insert(m, n, "\u200b"), "\u2060"),
    "no_break": lambda m, n: m.group(n, m.random.choice(["\u00a0", "\u2009", "\u202f"])),
    "odd": _between,
    "look_alike": _look_alike,
    "words": lambda m, n: _words(n, m.random.choice([WORDS, WORDS_ACCENTED])),
    "mixed_words": _mixed,
    "glued": lambda m, n: m.random.choice(["Lan" + n, n + "Hoa", "zalo" + n, "lh" + n, n + "gặp Mai", "sđt" + n, n + "(Mr Ba)"]),
    "brackets": lambda m, n: m.random.choice([f"({n[:4]}) {n[4:7]} {n[7:]}", f"[{n}]", f"({n[:4]}){n[4:]}", "".join(f"({d})" for d in n)]),
    "lines": lambda m, n: m.group(n, "\n"),
    "emoji": lambda m, n: m.group(n, m.random.choice(["❤️", " 🔥 ", "👉", "☎️"])),
}  # fmt: skip


def phone(maker: Maker) -> tuple[str, Gold]:
    number = maker.mobile()
    kind = maker.random.choice(
        [*list(PHONE_CLASSES), "missing0", "landline", "hotline", "pair", "foreign", "old", "police"]
    )
    values = [("phone", "+84" + number[1:])]
    if kind in PHONE_CLASSES:
        text = PHONE_CLASSES[kind](maker, number)
    elif kind == "missing0":
        return f"zalo {number[1:]} nhé", [{"kind": "phone", "value": "+84" + number[1:], "class": kind}]
    elif kind == "landline":
        area = maker.random.choice(AREAS)
        number = area + "3" + maker.digits(6)
        text, values = (
            maker.random.choice(
                [number, f"({area}) {number[4:7]} {number[7:]}", f"{area}.{number[4:]}", f"{area}-{number[4:]}"]
            ),
            [("phone", "+84" + number[1:])],
        )
    elif kind == "hotline":
        number = maker.random.choice(["1900", "1800"]) + maker.random.choice([maker.digits(4), maker.digits(6)])
        text, values = (
            maker.random.choice([number, number[:4] + " " + number[4:], number[:4] + "." + number[4:]]),
            [("hotline", number)],
        )
    elif kind == "police":
        number = "069" + maker.random.choice("23") + maker.digits(6)
        text, values = (
            maker.random.choice([number, f"{number[:4]}.{number[4:7]}.{number[7:]}", f"069.{number[3:]}"]),
            [("hotline", number)],
        )
    elif kind == "pair":
        other = maker.mobile()
        text = number + maker.random.choice(["-", " - ", "/", " / ", ", ", " hoặc "]) + other
        values.append(("phone", "+84" + other[1:]))
    elif kind == "foreign":
        number = maker.random.choice(["+855 12 345 6", "+1 202 555 01", "+44 7911 1234"]) + maker.digits(2)
        text, values = number, [("phone", number.replace(" ", ""))]
    else:
        old = maker.random.choice(["0163", "0169", "0122", "0128", "0188"])
        new = {"0163": "033", "0169": "039", "0122": "077", "0128": "078", "0188": "058"}[old]
        tail = maker.digits(7)
        text, values = old + tail, [("phone", "+84" + new[1:] + tail)]
    template = maker.random.choice(CONTACT) if kind != "police" else "Trực ban hình sự {}"
    return template.format(text), [{"kind": k, "value": v, "class": kind} for k, v in values]


# --- links ----------------------------------------------------------------------------------------------------------

LINK_CLASSES = {
    "https": lambda m, h: ("https://" + h, h),
    "http_path": lambda m, h: (f"http://{h}/vn/dang-nhap?id=7", f"{h}/vn/dang-nhap?id=7"),
    "www": lambda m, h: ("www." + h, "www." + h),
    "bare": lambda m, h: (h, h),
    "bare_path": lambda m, h: (h + "/qua-tang", h + "/qua-tang"),
    "upper": lambda m, h: (h.upper(), h),
    "hxxp": lambda m, h: (m.random.choice(["hxxp://", "hxxps://", "h**ps://"]) + h, h),
    "punctuation": lambda m, h: (f"(https://{h}/a1).", h + "/a1"),
    "split_scheme": lambda m, h: ("https:// " + h, h),
    "no_colon": lambda m, h: (m.random.choice(["http//", "https:/", "https//:"]) + h, h),
    "bracketed": lambda m, h: (h.replace(".", m.random.choice(["[.]", "(.)", "[dot]", "(dot)", "[chấm]", "{.}", " [.] "])), h),
    "cham": lambda m, h: (h.replace(".", m.random.choice([" chấm ", " cham ", " dot "])), h),
    "spaced_dot": lambda m, h: (h.replace(".", " . "), h),
    "zero_width": lambda m, h: (h[:3] + "\u200b" + h[3:], h),
    "ideographic": lambda m, h: (h.replace(".", m.random.choice("。．｡")), h),
    "styled": lambda m, h: ("".join(chr(0x1D41A + ord(c) - 97) if c.isascii() and c.islower() else c for c in h), h),
    "ip": lambda m, h: ("http://203.0.113.7:8080/login", "203.0.113.7:8080/login"),
    "shortener": lambda m, h: ("bit.ly/3" + h[:4].replace(".", "x"), "bit.ly/3" + h[:4].replace(".", "x")),
    "brand_left": lambda m, h: ("vietcombank.com.vn-" + h.replace(".com.vn", ".top"), "vietcombank.com.vn-" + h.replace(".com.vn", ".top")),
}  # fmt: skip


def link(maker: Maker) -> tuple[str, Gold]:
    kind = maker.random.choice([*list(LINK_CLASSES), "homoglyph", "zalo", "telegram", "facebook", "at_telegram"])
    if kind == "homoglyph":
        label = "vietc\u043emb" + maker.random.choice(["ank", "ank-vn", "anks"])
        host = f"{label}.top"
        text, value = host, "xn--" + label.encode("punycode").decode() + ".top"
        return maker.random.choice(VISIT).format(text), [{"kind": "link", "value": value, "class": kind}]
    if kind in ("zalo", "telegram", "facebook", "at_telegram"):
        name = (
            maker.random.choice(["cskh", "hotro", "admin"])
            + "_"
            + maker.random.choice(["zq", "vn", "mb"])
            + maker.digits(2)
        )
        text, value = {
            "zalo": ("zalo.me/g/" + name.replace("_", ""), "zalo:g/" + name.replace("_", "")),
            "telegram": ("https://t.me/" + name, "telegram:" + name),
            "facebook": ("fb.com/" + name.replace("_", "."), "facebook:" + name.replace("_", ".")),
            "at_telegram": (f"tele @{name}", f"telegram:{name}"),
        }[kind]
        return maker.random.choice(VISIT).format(text), [{"kind": "handle", "value": value, "class": kind}]
    tlds = SAFE_TLDS if kind in ("cham", "spaced_dot", "upper", "bracketed") else TLDS
    text, value = LINK_CLASSES[kind](maker, maker.host(tlds))
    return maker.random.choice(VISIT).format(text), [{"kind": "link", "value": value, "class": kind}]


# --- accounts -------------------------------------------------------------------------------------------------------


def account(maker: Maker) -> tuple[str, Gold]:
    code = maker.random.choice(list(BANKS))
    names, sizes = BANKS[code]
    bank, size = maker.random.choice(names), maker.random.choice(sizes)
    number = maker.random.choice("123456789") + maker.digits(size - 1)
    holder = maker.name()
    kind = maker.random.choice(
        [
            "cue_first",
            "bank_first",
            "bank_after",
            "lines",
            "press",
            "list",
            "spaced",
            "letter_o",
            "fullwidth",
            "phone",
            "glued",
            "wallet",
            "no_bank",
            "dotted_cue",
        ]
    )
    gold = [("account", f"{code}:{number}")]
    spaced = " ".join(number[i : i + 4] for i in range(0, size, 4))
    cue = maker.random.choice(["STK", "stk", "Số tài khoản", "số TK", "so tai khoan", "TK"])
    if kind == "cue_first":
        text = f"{cue}: {number} - {bank} - {holder}"
    elif kind == "bank_first":
        text = maker.random.choice(
            [f"{bank} {number} {holder}", f"{bank}: {number} ({holder})", f"ck vào {bank} {number} {holder}"]
        )
    elif kind == "bank_after":
        text = maker.random.choice(
            [f"{number} {bank} {holder}", f"chuyển khoản {number} ({bank}) {holder}", f"{cue} {number} tại {bank}"]
        )
    elif kind == "lines":
        text = maker.random.choice(
            [
                f"Ngân hàng: {bank}\nSố TK: {number}\nChủ TK: {holder}",
                f"STK: {number}\nNgân hàng {bank}\nTên: {holder}",
                f"{bank}\n{number}\n{holder}",
                f"{holder}\n{number}\n{bank}",
            ]
        )
    elif kind == "press":
        text = f"yêu cầu chuyển tiền vào số tài khoản {number} mở tại Ngân hàng {bank}, chủ tài khoản {holder}"
    elif kind == "list":
        other = maker.random.choice([c for c in BANKS if c != code])
        second = maker.random.choice("123456789") + maker.digits(BANKS[other][1][0] - 1)
        gold.append(("account", f"{other}:{second}"))
        second_bank = maker.random.choice(BANKS[other][0])
        text = maker.random.choice(
            [
                f"{bank} {number}, {second_bank} {second} {holder}",
                f"STK {number} {bank}, {second} {second_bank} {holder}",
                f"{bank}: {number}\n{second_bank}: {second}\n{holder}",
            ]
        )
    elif kind == "spaced":
        text = maker.random.choice(
            [
                f"{cue}: {spaced} {bank}",
                f"{bank} {spaced} {holder}",
                f"{cue} {'.'.join(spaced.split())} {bank} {holder}",
            ]
        )
    elif kind == "letter_o":
        number = number[:2] + "00" + number[4:]
        gold = [("account", f"{code}:{number}")]
        text = f"{cue} {number.replace('0', 'O')} {bank} {holder}"
    elif kind == "fullwidth":
        text = f"{cue} {''.join(chr(0xFF10 + int(d)) for d in number)} {bank}"
    elif kind == "phone":
        number = maker.mobile()
        code, bank = maker.random.choice([("MB", "MB"), ("MB", "MBBank"), ("TPB", "TPBank"), ("VPB", "VPBank")])
        gold = [("account", f"{code}:{number}")]
        text = maker.random.choice(
            [f"{bank} {number} {holder}", f"STK {number} {bank}", f"stk: {number} - {bank} - {holder}"]
        )
    elif kind == "glued":
        text = (
            maker.random.choice(
                [
                    f"stk{number} {bank} {holder}",
                    f"{names[0].replace(' ', '')}{number} {holder}",
                    f"STK:{number}{names[0].replace(' ', '')}",
                ]
            )
            if " " not in names[0] or code == "MB"
            else f"stk{number} {bank}"
        )
    elif kind == "wallet":
        wallet = maker.random.choice(list(WALLETS))
        number = maker.mobile()
        gold = [("wallet", f"{wallet}:{number}")]
        text = maker.random.choice(
            [
                f"ck qua {maker.random.choice(WALLETS[wallet])} {number}",
                f"{number} ({maker.random.choice(WALLETS[wallet])})",
                f"{maker.random.choice(WALLETS[wallet])}: {number} {holder}",
            ]
        )
    elif kind == "no_bank":
        gold = [("account", f"?:{number}")]
        text = f"{cue}: {number}"
    else:
        text = f"{maker.random.choice(['s.t.k', 's-t-k', 'S T K', 's/t/k', 'sô tk'])} {number} {maker.random.choice([bank, '.'.join(code) if len(code) == 3 and code not in ('ICB', 'VBA') else bank])}"
    return text, [{"kind": k, "value": v, "class": kind} for k, v in gold]


# --- other kinds ----------------------------------------------------------------------------------------------------

CRYPTO = (
    ("TSMtMmwNAGcU6FxAnjW1HuZX7afTnjgx9N", "TRON:TSMtMmwNAGcU6FxAnjW1HuZX7afTnjgx9N"),
    ("1HPgMiZe1YVWw5tYCTrHmksPCnv9ZXAUN2", "BTC:1HPgMiZe1YVWw5tYCTrHmksPCnv9ZXAUN2"),
    ("0xb3cc0475bb78A5026098858e9889ACf666d31062", "ETH:0xb3cc0475bb78a5026098858e9889acf666d31062"),
)


def other(maker: Maker) -> tuple[str, Gold]:
    kind = maker.random.choice(["email", "email_spelled", "crypto", "file", "card", "shortcode", "prefix"])
    name = maker.random.choice(LEFT) + maker.digits(2)
    if kind == "email":
        value = f"{name}@{maker.random.choice(['gmail.com', 'yahoo.com.vn', 'zq9.top'])}"
        return f"Email: {value} nhé", [{"kind": "email", "value": value, "class": kind}]
    if kind == "email_spelled":
        value = f"{name}@gmail.com"
        return "gửi hồ sơ về " + maker.random.choice(
            [f"{name} a còng gmail chấm com", f"{name}[at]gmail.com", f"{name} @ gmail.com", f"{name}(at)gmail[.]com"]
        ), [{"kind": "email", "value": value, "class": kind}]
    if kind == "crypto":
        text, value = maker.random.choice(CRYPTO)
        return f"nạp vào ví {text} nhé", [{"kind": "crypto", "value": value, "class": kind}]
    if kind == "file":
        return f"tải tệp {name}.apk về cài", [{"kind": "file", "value": name + ".apk", "class": kind}]
    if kind == "card":
        body = "970436" + maker.digits(9)
        number = body + _luhn_digit(body)
        text = maker.random.choice([number, " ".join(number[i : i + 4] for i in range(0, 16, 4))])
        return f"số thẻ {text}", [{"kind": "card", "value": number[:6] + "******" + number[-4:], "class": kind}]
    if kind == "shortcode":
        code = maker.random.choice(["156", "5656", "113"])
        return maker.random.choice([f"nhắn tin gửi {code}", f"gọi ngay {code}"]), [
            {"kind": "shortcode", "value": code, "class": kind}
        ]
    prefix = maker.random.choice(["024999", "028888", "0592"])
    return f"không nghe đầu số {prefix}", [{"kind": "phone_prefix", "value": prefix, "class": kind}]


def _luhn_digit(body: str) -> str:
    total = 0
    for index, digit in enumerate(reversed(body)):
        value = int(digit) * (1 if index % 2 else 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


# --- what is none ---------------------------------------------------------------------------------------------------

NEGATIVES = {
    "money": lambda m: f"giá {m.random.randint(1, 99)}.{m.digits(3)}.000đ",
    "money_k": lambda m: f"chỉ {m.random.randint(100, 999)}k, cọc {m.random.randint(1, 9)}tr{m.random.randint(1, 9)}",
    "money_plain": lambda m: f"chuyển {m.random.randint(1, 9)}{m.digits(2)}0000000 VND",
    "rate": lambda m: f"USD mua vào 2{m.random.randint(2, 6)}.{m.digits(3)}-2{m.random.randint(2, 6)}.{m.digits(3)} đồng",
    "date": lambda m: f"ngày {m.random.randint(1, 28):02d}/{m.random.randint(1, 12):02d}/20{m.random.randint(10, 26)}",
    "date_dash": lambda m: f"từ 0{m.random.randint(1, 9)}-{m.random.randint(10, 12)}-2023 đến 0{m.random.randint(1, 9)}-12-2024",
    "time": lambda m: f"lúc 0{m.random.randint(1, 9)}h{m.random.randint(10, 59)} - 09:{m.random.randint(10, 59)} ngày 05/0{m.random.randint(1, 9)}",
    "years": lambda m: f"giai đoạn 19{m.random.randint(10, 99)}-20{m.random.randint(10, 26)}, niên khóa 1900 - 1954",
    "cccd": lambda m: f"CCCD 0{m.random.randint(10, 96)}{m.digits(9)} cấp năm 2021",
    "cccd_spaced": lambda m: f"số căn cước 0{m.random.randint(10, 96)} {m.digits(3)} {m.digits(3)} {m.digits(3)}",
    "cmnd": lambda m: f"CMND {m.random.choice('123')}{m.digits(8)}",
    "tax": lambda m: f"MST 03{m.digits(8)}",
    "tax_branch": lambda m: f"mã số thuế 01{m.digits(8)}-001",
    "bhxh": lambda m: f"mã số BHXH 79{m.digits(8)}",
    "order": lambda m: f"mã đơn hàng {m.random.choice(['', 'DH', '#'])}09{m.digits(8)}",
    "waybill": lambda m: f"mã vận đơn {m.random.choice(['SPXVN0', 'GHN', 'VTP', 'EB'])}{m.digits(10)}",
    "imei": lambda m: f"IMEI 35{m.digits(13)}",
    "fb_id": lambda m: f"bài viết số 1000{m.digits(11)}",
    "plate": lambda m: f"biển số 86A-{m.digits(3)}.{m.digits(2)}",
    "document": lambda m: f"văn bản số {m.digits(3)}/QĐ-UBND ngày 0{m.random.randint(1, 9)}/10/2024",
    "otp": lambda m: f"OTP của bạn là {m.digits(6)}",
    "mtcn": lambda m: f"MTCN 0{m.digits(9)}",
    "electricity": lambda m: f"mã khách hàng PE{m.digits(11)}",
    "lottery": lambda m: "kết quả " + " ".join(f"{m.random.randint(1, 45):02d}" for _ in range(6)),
    "score": lambda m: f"tỷ số {m.random.randint(0, 4)}-{m.random.randint(0, 3)}, 0-1, 2-0, 1-1, 0-3",
    "coordinates": lambda m: f"tọa độ 10.{m.digits(6)}, 106.{m.digits(6)}",
    "version": lambda m: f"phiên bản {m.random.randint(1, 9)}.{m.random.randint(0, 9)}.{m.digits(2)}",
    "file": lambda m: f"xem file bao_cao_{m.digits(4)}.pdf và anh{m.digits(3)}.jpg",
    "joined": lambda m: m.random.choice(["mua hàng.Liên hệ sớm nhé", "đẹp lắm.Mọi người ủng hộ", "xong rồi.Mai em gửi", "còn hàng.Ai mua nhắn em", "rất tốt.Top đầu khu vực", "đang chờ.To và đẹp"]),
    "abbreviation": lambda m: m.random.choice(["TP.HCM, Q.1", "PGS.TS Nguyễn Văn A", "ThS.BS Trần B", "Tp.Hồ Chí Minh", "P.Bến Nghé, Q.Ba Đình", "GS.TSKH"]),
    "area": lambda m: f"diện tích {m.random.randint(50, 900)}m2, mặt tiền {m.random.randint(4, 20)}m, giá {m.random.randint(1, 9)},{m.random.randint(1, 9)} tỷ",
    "percent": lambda m: f"tăng 0,{m.digits(2)}% so với 0,{m.digits(2)}% quý trước",
}  # fmt: skip


def negative(maker: Maker) -> tuple[str, Gold]:
    return NEGATIVES[maker.random.choice(list(NEGATIVES))](maker), []


# --- posts ----------------------------------------------------------------------------------------------------------


def _unaccented(text: str) -> str:
    stripped = "".join(c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")
    return stripped.replace("đ", "d").replace("Đ", "D")


_TEEN = {
    "không": "ko",
    "được": "dc",
    "người": "ng",
    "mình": "mk",
    "với": "vs",
    "những": "nhg",
    "gì": "j",
    "và": "n",
    "nhé": "nha",
    "rồi": "r",
    "biết": "bít",
    "giờ": "h",
}


def _teen(text: str) -> str:
    return " ".join(_TEEN.get(word, word) for word in text.split(" "))


STYLES = ("full",) * 12 + ("plain",) * 3 + ("teen",) * 3 + ("nfd", "shout")


def _styled(text: str, style: str, gold: bool) -> str:
    """Sentences in the style; parts with identifiers only where the style cannot change a value."""
    if style == "plain":
        return _unaccented(text) if text.isprintable() or not gold else text
    if style == "teen":
        return text if gold else _teen(text)
    if style == "nfd":
        return unicodedata.normalize("NFD", text)
    return text.upper() if style == "shout" and not gold else text


def posts(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """`{"id", "text", "style", "gold": [{"kind", "value", "class"}]}`."""
    maker = Maker(seed)
    for index in range(count):
        style = maker.random.choice(STYLES)
        makers = [
            maker.random.choice([phone, phone, link, account, other, negative, negative])
            for _ in range(maker.random.randint(1, 3))
        ]
        parts: list[str] = []
        gold: Gold = []
        for make in makers:
            parts.append(_styled(maker.random.choice(SENTENCES), style, gold=False))
            text, found = make(maker)
            parts.append(_styled(text, style, gold=bool(found)))
            gold.extend(found)
        parts.append(_styled(maker.random.choice(SENTENCES), style, gold=False))
        joint = maker.random.choice([". ", "\n", ". ", "! ", "\n\n", " – "])
        yield {"id": f"{seed}-{index}", "style": style, "text": joint.join(parts), "gold": gold}
