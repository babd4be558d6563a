"""A mixed feed with a known truth: fraud campaigns among honest posts that use the same words. Seeded.

Used to measure leads (`bench/leads.py`, `tests/corpus/test_leads.py`). The wording was written for this feed, not
taken from the saved queries; numbers, names and hosts are invented. Each campaign recurs over several documents and
sources with its identifiers disguised in other ways; some are also named by a victim or an official warning.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 11, 10, 0, 0, tzinfo=UTC)
PREFIXES = (
    "032",
    "035",
    "038",
    "039",
    "070",
    "077",
    "079",
    "081",
    "084",
    "088",
    "090",
    "093",
    "096",
    "097",
    "098",
    "056",
)
BANKS = (
    "Vietcombank",
    "MB Bank",
    "Techcombank",
    "BIDV",
    "VietinBank",
    "ACB",
    "Sacombank",
    "VPBank",
    "TPBank",
    "Agribank",
)
FAMILY = ("NGUYEN", "TRAN", "LE", "PHAM", "HOANG", "VO", "DANG", "BUI", "DO", "HO")
GIVEN = ("THI HOA", "VAN TUAN", "MINH DUC", "NGOC LAN", "QUOC BAO", "THANH TAM", "KIM CUC", "HUU PHUOC")
PLACES = ("Phan Thiết", "Đà Lạt", "Bảo Lộc", "La Gi", "Gia Nghĩa", "Đức Trọng", "Tuy Phong", "Di Linh", "Hàm Thuận Bắc")
PEOPLE = ("chị Hạnh", "anh Lực", "cô Ba", "chú Tư", "em Vy", "Mr Khang", "Ms Thư", "anh Toàn", "chị Diệp")
TLDS = ("top", "vip", "cc", "xyz", "icu", "life", "club")

SOCIAL = (("nhom_cho_que", "social"), ("hoi_viec_lam", "social"), ("dien_dan_tinh", "forum"), ("kenh_tin", "channel"))
SELLING = (("cho_online", "classified"), ("thu_vien_qc", "ad"), ("nhom_cho_que", "social"))
NEWSY = (("bao_tinh", "news"), ("bao_moi", "news"))
WARNING = (("cong_tt_tinh", "warning"),)


def phone(rng: random.Random) -> str:
    return rng.choice(PREFIXES) + "".join(str(rng.randint(0, 9)) for _ in range(7))


def account(rng: random.Random) -> str:
    return str(rng.randint(1, 9)) + "".join(str(rng.randint(0, 9)) for _ in range(rng.choice((9, 11, 12, 13))))


def host(rng: random.Random, word: str) -> str:
    return f"{word}-{rng.choice('bcdfghkm')}{rng.randint(2, 98)}.{rng.choice(TLDS)}"


def plain(number: str, rng: random.Random) -> str:
    return rng.choice(
        (
            number,
            f"{number[:4]}.{number[4:7]}.{number[7:]}",
            f"{number[:4]} {number[4:7]} {number[7:]}",
            f"{number[:3]} {number[3:6]} {number[6:]}",
        )
    )


def disguised(number: str, rng: random.Random) -> str:
    way = rng.randint(0, 6)
    if way == 0:
        return number.replace("0", "o")
    if way == 1:
        return ".".join(number)
    if way == 2:
        return "".join(f"{digit}\ufe0f\u20e3" for digit in number)
    if way == 3:
        return f"{number[:4]}-{number[4:7]}-{number[7:]}"
    if way == 4:
        return "".join(chr(0xFF10 + int(digit)) for digit in number)
    if way == 5:
        return f"+84 {number[1:4]} {number[4:7]} {number[7:]}"
    return plain(number, rng)


def no_marks(text: str) -> str:
    stripped = unicodedata.normalize("NFD", text).replace("đ", "d").replace("Đ", "D")
    return "".join(char for char in stripped if not unicodedata.combining(char))


Slots = dict[str, str]

FRAUDS: dict[str, tuple[str, ...]] = {
    "task": (
        "Mẹ bỉm rảnh tay vào đây em hướng dẫn, ngày 2 tiếng bấm đơn hộ shop lấy 400k, lãnh liền. Nhắn {p} em gửi việc nha",
        "Cần 20 bạn đặt đơn ảo tăng tương tác cho gian hàng, ứng trước 150k nhận về 190k. Liên hệ zalo {p}",
        "Hôm trước em vào nhóm của số {p} làm đơn, hai đơn đầu trả đủ, tới đơn 8 triệu thì kêu sai thao tác rồi không cho rút. Mọi người né",
        "Tìm người làm thêm tại nhà ko ràng buộc, cày đơn trên app {l}, hoa hồng về ví mỗi tối, kết bạn {p}",
        "Nhận gia công thả like, đọc kịch bản qua tele {h}, mỗi nhiệm vụ 30k, nạp vốn càng cao lãi càng dày",
    ),
    "loan": (
        "Kẹt tiền cứ alo {p}, duyệt trong 15 phút, chỉ lấy CCCD, dính nợ cũ vẫn ra tiền. Đóng trước phí hồ sơ 900k",
        "Ai cần gấp 20 đến 100 triệu không cần tài sản, em làm hết, chuyển phí bảo hiểm khoản vay vào {a} {b} {n} là giải ngân",
        "Em vay bên {l}, họ bảo nhập sai số tài khoản nên bị đóng băng, bắt nộp 6 triệu mới mở. Số tư vấn {p}. Lừa đảo nha bà con",
        "Tài chính 24/7, hỗ trợ khách hàng khó vay ngân hàng, hồ sơ online, lh {p} để được lên hồ sơ, đặt cọc xác minh 500k",
    ),
    "police": (
        "Chiều nay má tôi nghe cuộc gọi từ {p}, người ta xưng cán bộ điều tra, hù má liên quan ma túy, bắt chuyển tiền vào {a} {b} để thẩm tra",
        "Bà con cẩn thận số {p} tự xưng bên tòa án, nói có trát hầu tòa, kêu đọc mã OTP. Mình suýt dính",
        "Sdt {p} gọi xưng là công an quận, đòi cài app ở {l} để kê khai tài sản, ai gặp thì chặn luôn",
        "Cảnh giác thủ đoạn gọi video mặc cảnh phục, yêu cầu nạn nhân chuyển vào tài khoản {a} {b} chủ {n}",
    ),
    "phish": (
        "TB: Diem tich luy cua Quy khach het han hom nay. Doi qua tai {l} truoc 22h",
        "Tai khoan cua ban vua dang nhap o thiet bi khac, neu khong phai ban hay huy tai {l}",
        "Mình nhận tin nhắn ghi tên ngân hàng, bấm vào {l} nhập xong là bay 12 triệu, mọi người đừng bấm",
        "Có đứa gửi link {l} kêu cập nhật khuôn mặt cho app ngân hàng, số gọi tới {p}, toàn lừa nha",
    ),
    "invest": (
        "Theo thầy đánh vàng ảo tháng lời 30%, vốn 10 triệu cũng chơi được, vào room {h} thầy báo điểm mua bán",
        "Sàn {l} cho rút nhanh, thưởng nạp lần đầu 50%, chuyên gia kèm một một, nhắn {p}",
        "Em gái mình nạp 200 triệu vào {l}, lúc rút thì đòi đóng thuế 20%, giờ bị khóa nick. Đứa dụ dỗ xài số {p}",
        "Lời mỗi ngày 2%, nhận lại cả gốc sau 45 ngày, chuyển vốn vào {a} {b} {n}, nhóm kín {h}",
    ),
    "recover": (
        "Ai từng bị lừa trên mạng nhắn mình, bên mình có kỹ thuật truy vết lấy lại được, phí nộp trước 10%, zalo {p}",
        "Văn phòng luật hỗ trợ thu hồi tiền treo, thành công mới tính phí, gọi {p}, cọc hồ sơ 2 triệu vào {a} {b} {n}",
        "Mình bị lừa lần 2 vì tin trang nhận lấy lại tiền, số {p}, chuyển phí xong nó chặn",
    ),
    "sell_bank": (
        "Gom tài khoản ngân hàng không xài, mỗi cái 700k, cần cả sim chính chủ, inbox {h}",
        "Cần mượn thẻ nhận tiền hộ ăn phần trăm, ngày vài triệu, không cần làm gì, tele {h}, zalo {p}",
        "Mua bank full bộ kèm mail, cccd, giá tốt nhất, trả tiền mặt tận nơi {p}",
    ),
    "shipper": (
        "Shipper gọi từ {p} nói hàng để trước cửa, kêu chuyển 38k vào {a} {b}, xong gửi link {l} bảo lỡ đăng ký gói, mất tiền oan",
        "Số {p} giả người giao hàng, ai nghe máy nói có đơn mà mình không đặt thì đừng chuyển khoản",
        "Đơn của quý khách bị hoàn, vui lòng đóng phí lưu kho tại {l} hoặc liên hệ {p}",
    ),
    "hotel": (
        "Trang resort {place} bản xanh xanh mà là giả đó, em cọc 3 triệu vô {a} {b} {n} tới nơi lễ tân nói không có đặt phòng",
        "Villa view biển {place} lễ này còn 1 căn, giảm nửa giá, cọc 50% vào {a} {b} {n} giữ liền, zalo {p}",
        "Cả nhà né số {p} nhận đặt homestay {place}, cọc xong kêu sai nội dung bắt chuyển lại lần nữa",
    ),
    "prize": (
        "Chúc mừng SĐT của bạn trúng xe máy tri ân, làm thủ tục nhận giải gọi {p}, lệ phí 3 triệu qua {a} {b} {n}",
        "Anh bạn Tây gửi quà bị giữ ở sân bay, hải quan {p} kêu đóng 18 triệu vào {a} {b}, bạn em mất trắng",
        "Quét mã nhận tủ lạnh miễn phí, vào {l} điền thông tin và số thẻ",
    ),
    "gamble": (
        "Cổng game xanh chín {l}, nạp 100 tặng 100, rút 1 phút, hỗ trợ {h}",
        "Chốt số đẹp hôm nay, thầy cho bạch thủ trúng 95%, phí 500k chuyển {a} {b}, nhắn {p}",
        "Kiếm cơm cùng tài xỉu, kéo tay lẻ ăn chia, vào {h} nhận code tân thủ, web {l}",
    ),
    "apk": (
        "Cán bộ thuế gọi từ {p} kêu tải ứng dụng hóa đơn ở {l}, cài xong điện thoại tự chuyển hết tiền",
        "Nhân viên điện lực {p} báo nợ cước, 2 tiếng nữa ngắt, gửi file dienluc.apk kêu cài",
        "Số {p} xưng công an phường nhắc đồng bộ VNeID, gửi link {l} kêu cài app, đừng làm theo",
    ),
    "fake_paper": (
        "Nhận làm bằng lái các hạng, hồ sơ gốc, tra cứu được trên hệ thống, zalo {p}",
        "Bằng đại học, chứng chỉ tiếng Anh có tem, không cần học, nhận hàng trả tiền, liên hệ {p} hoặc {h}",
        "Cần bằng cấp 3 xin việc thì nhắn {p}, làm 3 ngày có, bao soi công chứng",
    ),
    "shop": (
        "Bóc phốt con này nhận 2 triệu tiền cọc điện thoại rồi block, stk {a} {b} {n}, sdt {p}",
        "Xả lỗ iphone 15 hàng thanh lý công ty giá 4 triệu, cọc trước 1 triệu vào {a} {b} {n}, chỉ ship, zalo {p}",
        "Ai mua hàng của số {p} chưa, tui chuyển khoản rồi nó im luôn mấy bữa nay, tên {n}",
    ),
    "charity": (
        "Quỹ trẻ em vùng cao mạo danh đó mọi người, số tk {a} {b} đứng tên cá nhân {n}, mình hỏi phường thì không có chương trình nào",
        "Bé bị ung thư cần 200 triệu mổ gấp, ai thương chuyển vào {a} {b} {n}. Ảnh này lấy trên mạng từ năm ngoái, đừng tin số {p}",
    ),
    "hacked": (
        "Nick fb của {who} bị chiếm rồi, nó nhắn vay 5 triệu kêu chuyển vô {a} {b} {n}, đừng ai chuyển nha",
        "Cứu giúp bé dự thi vẽ, vào {l} đăng nhập rồi bấm bình chọn giùm chị",
        "Thằng lừa đảo xài nick giả của {who}, mượn tiền khắp nơi, stk {a} {b} {n}",
    ),
    "army": (
        "Quán mình vừa bị đơn vị bộ đội dởm đặt 30 mâm, nhờ mua giùm thịt hộp bên đại lý {p}, chuyển 45 triệu vào {a} {b}",
        "Số {p} tự nhận cán bộ hậu cần, đặt tiệc xong nhờ ứng tiền mua rượu, lừa đảo cả xóm rồi",
    ),
    "land": (
        "Né môi giới xài số {p}, nhận cọc 100 triệu vào {a} {b} {n} một lô bán cho ba người, sổ photo giả",
        "Lừa đảo đất {place}: gửi ảnh sổ hồng chỉnh sửa, hối cọc gấp qua {a} {b}, gọi lại {p} thì thuê bao",
    ),
}

WARNINGS = (
    "Công an tỉnh cảnh báo số điện thoại {p} được các đối tượng dùng để lừa đảo người dân trên địa bàn. Khi nhận cuộc gọi, người dân không làm theo, trình báo trực ban 0692348560.",
    "Cơ quan chức năng khuyến cáo: các đối tượng sử dụng số {p}, tài khoản {a} {b} để chiếm đoạt tài sản. Người dân gọi 113 hoặc cơ quan công an gần nhất.",
)

HONEST: dict[str, tuple[tuple[str, ...], tuple[tuple[str, str], ...]]] = {
    "seller": (
        (
            "Thanh lý máy giặt cửa ngang 9kg chạy êm, 3tr2 có bớt, qua xem ở {place}, gọi {p}",
            "Cần bán xe Wave đời 2019 chính chủ biển 86, giá 13 triệu, ai thiện chí gọi {p} gặp {who}",
            "Bơ sáp nhà trồng 35k/kg, ship nội ô {place}, đặt hàng {p}",
            "Pass lại tủ quần áo gỗ, dọn nhà nên cần bán gấp, liên hệ {who} {p}, không nhận cọc, đến xem mới lấy tiền",
            "Điện thoại cũ giá sinh viên, bảo hành 6 tháng tại cửa hàng 12 Trần Hưng Đạo {place}, hotline {p}",
            "Shop em nghỉ bán nên xả hết quần áo bé gái, đồng giá 59k, chuyển khoản hay COD đều được, sdt {p}",
            "Cho thuê phòng trọ có gác gần chợ {place}, 1tr8/tháng, gọi {p}",
            "Bán đất vườn 5 sào {place}, sổ hồng riêng, công chứng ngay, miễn trung gian, {who} {p}",
        ),
        SELLING,
    ),
    "recruit": (
        (
            "Quán cà phê {place} tuyển 2 bạn phục vụ ca tối, 22k/giờ, bao cơm, liên hệ trực tiếp {p}",
            "Xưởng may gia đình cần thợ may công nghiệp, lương sản phẩm 8-10 triệu, ký hợp đồng, đóng BHXH, gọi {who} {p}",
            "Công ty TNHH vận tải tuyển tài xế hạng C, phỏng vấn tại văn phòng, không thu bất cứ khoản phí nào, ĐT {p}",
            "Tuyển cộng tác viên viết bài cho báo tỉnh, nhuận bút theo quy định, gửi hồ sơ về tòa soạn",
            "Cần người giữ em bé làm tại nhà ở {place}, 6 triệu/tháng, gọi {p}",
            "Khách sạn tuyển lễ tân biết tiếng Anh, phỏng vấn trực tiếp lúc 9h, mang theo CCCD, liên hệ phòng nhân sự {p}",
        ),
        SELLING + SOCIAL[:2],
    ),
    "lender": (
        (
            "Ngân hàng chính sách xã hội huyện giải ngân 2 tỷ đồng vốn vay ưu đãi cho hộ cận nghèo, bà con liên hệ tổ tiết kiệm tại thôn",
            "Gói vay mua nhà lãi suất từ 6,5%/năm, thẩm định tại chi nhánh, khách hàng gọi tổng đài 1900545413 để được tư vấn",
            "Quỹ tín dụng nhân dân {place} nhận tiền gửi, cho vay sản xuất, mời bà con đến trụ sở số 5 Lê Lợi, điện thoại {p}",
            "Em là nhân viên tín dụng ngân hàng, anh chị cần vay thế chấp sổ đỏ em hỗ trợ làm hồ sơ tại quầy, không thu phí, {who} {p}",
        ),
        SELLING + SOCIAL,
    ),
    "charity": (
        (
            "Bữa cơm 0 đồng ở chùa thứ bảy này, ai góp gạo xin gửi tại bếp hoặc gọi cô Ba {p}",
            "Đoàn xã tiếp nhận sách vở cũ cho các em vùng lũ tại nhà văn hóa, đầu mối {who} {p}",
            "Ủy ban Mặt trận tỉnh tiếp nhận ủng hộ đồng bào bị bão, tài khoản {a} tại {b}, đơn vị thụ hưởng Ban vận động cứu trợ tỉnh",
            "Gia đình cháu Nam đã nhận đủ viện phí, xin dừng nhận ủng hộ, cảm ơn các nhà hảo tâm. Mọi chi tiết xin gọi phòng công tác xã hội bệnh viện {p}",
            "Hội chữ thập đỏ huyện hiến máu sáng chủ nhật, đăng ký qua {p}",
        ),
        SOCIAL,
    ),
    "mistaken": (
        (
            "Mình chuyển nhầm 3 triệu vào stk {a} {b} tên {n}, ai quen bạn này cho mình xin liên lạc, số mình {p}",
            "Sáng nay có ai chuyển lộn vào tài khoản của em 1tr500, em giữ đây, chủ nhân liên hệ {p} đọc đúng nội dung em gửi lại",
            "Nhờ cả nhà share giúp, em bấm lộn một số nên tiền qua tài khoản {a} {b}, chủ tk {n}, em đã ra ngân hàng làm đơn tra soát",
        ),
        SOCIAL,
    ),
    "lost": (
        (
            "Rớt ví đoạn {place}, trong có CCCD và giấy tờ xe, ai nhặt được gọi {p} xin hậu tạ",
            "Nhặt được CCCD tên {n}, ai quen báo chủ gọi {p} nhận lại",
            "Tìm trẻ lạc áo đỏ ở chợ {place}, ai thấy gọi {who} {p} hoặc báo công an phường",
            "Chó lông vàng đi lạc, ai thấy nhắn {p}",
        ),
        SOCIAL,
    ),
    "hotline": (
        (
            "Công ty điện lực thông báo tạm ngừng cấp điện khu vực {place} từ 8h để bảo trì lưới, khách hàng cần hỗ trợ gọi 19001006",
            "Bệnh viện đa khoa tỉnh khám sức khỏe lái xe cả thứ bảy, tổng đài (0252) 3822 733, cấp cứu 115",
            "Người dân phản ánh cuộc gọi rác: soạn tin gửi 5656 hoặc gọi 156 miễn phí",
            "Đường dây nóng của Sở tiếp nhận phản ánh về giá vé dịp lễ, số 0252 3821 456, giờ hành chính",
            "Tổng đài chăm sóc khách hàng nhà mạng 18001091 hỗ trợ chuẩn hóa thuê bao tại cửa hàng, không thu phí, không yêu cầu mã OTP",
            "Chi cục thuế mời hộ kinh doanh tập huấn kê khai trên eTax Mobile, thắc mắc gọi bộ phận hỗ trợ 0263 3822 111",
        ),
        SOCIAL + NEWSY,
    ),
    "news": (
        (
            "Khởi tố nhóm đối tượng giả danh công an chiếm đoạt hơn 4 tỷ đồng. Cơ quan điều tra cho biết nạn nhân tin lời chuyển tiền nhiều lần. Ai là bị hại liên hệ PC02 số 0693428168.",
            "Nhiều người mất tiền vì tin lời mời làm cộng tác viên bán hàng. Chuyên gia khuyên không chuyển tiền cho người lạ, không cài ứng dụng ngoài kho chính thức.",
            "Bị hại kể lại hành trình bị dụ đầu tư tiền ảo: từ 10 triệu thành 900 triệu. Công an đang truy xét các đối tượng, đề nghị ai biết thông tin gọi 113.",
            "Triệt phá sới bạc tại {place}, tạm giữ 12 người. Theo công an, nhóm này tổ chức xóc đĩa vào ban đêm.",
            "Giá cà phê Tây Nguyên hôm nay tăng nhẹ, nhiều đại lý thu mua 118.000 đồng/kg",
            "Ngân hàng Nhà nước nhắc khách hàng hoàn tất sinh trắc học tại quầy hoặc trên ứng dụng chính thức, không qua điện thoại",
            "Chiêu giả shipper tái xuất dịp cuối năm. Công an khuyến cáo kiểm tra đơn trước khi chuyển khoản, nghi ngờ gọi 113 hoặc hotline nhà vận chuyển 19006035.",
        ),
        NEWSY + WARNING,
    ),
    "warning": (
        (
            "Cảnh báo thủ đoạn mạo danh cán bộ hướng dẫn cập nhật dữ liệu sau sáp nhập. Công an tỉnh không làm việc qua điện thoại. Tin báo gửi trực ban 0252 3822 113.",
            "Khuyến cáo người dân không cho thuê, bán tài khoản ngân hàng. Mọi nghi vấn liên hệ công an xã, phường nơi cư trú.",
            "Sở tuyên truyền 5 dấu hiệu nhận biết lừa đảo vé du lịch giá rẻ, người dân phản ánh qua tổng đài 1022",
            "Ngân hàng chỉ có một website chính thức là vietcombank.com.vn, mọi trang khác đều là giả. Cần hỗ trợ gọi 1900545413.",
        ),
        WARNING + NEWSY,
    ),
    "chat": (
        (
            "Có ai biết chỗ sửa máy lạnh uy tín ở {place} không, nhà em hư từ qua",
            "Hôm qua em nghe số lạ gọi hoài, chắc quảng cáo, mọi người có bị không",
            "Xin review homestay {place} cho nhóm 6 người đi cuối tuần, tầm 500k",
            "Trời mưa quá kẹt xe đoạn đèo, mọi người đi cẩn thận",
            "Mọi người ơi dạo này lừa đảo nhiều, dặn ông bà ở nhà đừng nghe máy số lạ nha",
            "Cho hỏi đổi giấy phép lái xe làm ở đâu, mang theo gì",
            "Đội bóng xã mình thắng 3-1, tối liên hoan ở quán chú Tư, ai đi điểm danh",
            "Nộp phạt nguội xong bao lâu thì hết trên cổng tra cứu vậy cả nhà",
        ),
        SOCIAL,
    ),
    "service": (
        (
            "Nhận nấu tiệc tại nhà từ 10 mâm, giá 1tr2 một mâm, đặt trước 2 ngày, gọi {who} {p}",
            "Sửa ống nước, thông cống, có mặt sau 30 phút, {p}",
            "Lớp luyện thi vào 10 môn Toán, học tại nhà cô, 400k/tháng, liên hệ {p}",
            "Luật sư tư vấn thừa kế, đất đai, văn phòng 20 Hùng Vương {place}, điện thoại {p}",
            "Đại lý vé xe {place} đi Sài Gòn ngày 6 chuyến, đặt vé {p}, thanh toán khi lên xe",
            "Tour Tà Cú 1 ngày 390k, công ty lữ hành có giấy phép, ký hợp đồng, xuất hóa đơn, gọi {p}",
            "Trung tâm ngoại ngữ khai giảng lớp giao tiếp, học thử miễn phí, đăng ký {p}",
            "Homestay nhà mình ở {place} còn phòng đôi 350k, xem phòng rồi trả tiền, gọi {who} {p}",
        ),
        SELLING + SOCIAL,
    ),
}


def campaign(number: int, rng: random.Random, size: int) -> Iterator[dict[str, Any]]:
    """The documents of one campaign; its identifiers are the same in all, disguised anew in each."""
    kind = sorted(FRAUDS)[number % len(FRAUDS)]
    number_of, money, bank = phone(rng), account(rng), rng.choice(BANKS)
    owner = f"{rng.choice(FAMILY)} {rng.choice(GIVEN)}"
    address, nick = host(rng, kind.replace("_", "")), f"@{kind.replace('_', '')}_{rng.randint(100, 999)}"
    start = START + timedelta(hours=rng.uniform(0, 160))
    texts = [FRAUDS[kind][place % len(FRAUDS[kind])] for place in range(size)]
    if size > 6 and rng.random() < 0.4:
        texts[-1] = rng.choice(WARNINGS)
    for place, text in enumerate(texts):
        warned = text in WARNINGS
        write = plain if warned else disguised
        slots: Slots = {
            "p": write(number_of, rng),
            "a": rng.choice((f"stk {money}", money, f"STK: {money}")) if "stk" not in text else money,
            "b": bank,
            "n": owner,
            "l": address if rng.random() < 0.6 else f"https://{address}/{rng.choice(('vn', 'dk', 'login'))}",
            "h": rng.choice((nick, f"t.me/{nick[1:]}")),
            "place": rng.choice(PLACES),
            "who": rng.choice(PEOPLE),
        }
        source, source_kind = rng.choice(WARNING if warned else SOCIAL + SELLING[1:2])
        yield _document(f"c{number}-{place}", text, slots, source, source_kind, start + timedelta(hours=5 * place), rng)


def _document(
    external_id: str, text: str, slots: Slots, source: str, source_kind: str, at: datetime, rng: random.Random
) -> dict[str, Any]:
    body = text.format(**slots)
    if source_kind in ("social", "forum", "ad") and rng.random() < 0.2:
        body = no_marks(body)
    if rng.random() < 0.25:
        body = (
            rng.choice(("🔥 ", "Cả nhà ơi, ", "[Cần giúp] ", ""))
            + body
            + rng.choice((" 😢", "!!!", " ạ", " #phanthiet"))
        )
    return {
        "source": source,
        "source_kind": source_kind,
        "external_id": external_id,
        "text": body,
        "published": at.isoformat(),
        "collected": (at + timedelta(minutes=rng.randint(2, 50))).isoformat(),
    }


def honest(number: int, rng: random.Random) -> dict[str, Any]:
    """One honest post. A seller or a desk answers under one number again and again, as real ones do."""
    kind = rng.choice(sorted(HONEST))
    texts, sources = HONEST[kind]
    regular = random.Random(f"regular {number % 150}")
    slots: Slots = {
        "p": plain(phone(regular if rng.random() < 0.5 else rng), rng),
        "a": account(rng),
        "b": rng.choice(BANKS),
        "n": f"{rng.choice(FAMILY)} {rng.choice(GIVEN)}",
        "l": "",
        "h": "",
        "place": rng.choice(PLACES),
        "who": rng.choice(PEOPLE),
    }
    source, source_kind = rng.choice(sources)
    return _document(
        f"h{number}", rng.choice(texts), slots, source, source_kind, START + timedelta(hours=rng.uniform(0, 200)), rng
    )


def feed(seed: int, *, campaigns: int = 40, honest_posts: int = 1000, documents: int = 1500) -> list[dict[str, Any]]:
    """The feed as `canhgiac ingest` reads it, shuffled. External ids tell the truth: `c<campaign>-<n>` or `h<n>`."""
    rng = random.Random(seed)
    left = max(campaigns, documents - honest_posts)
    sizes = [left // campaigns + (number < left % campaigns) for number in range(campaigns)]
    rng.shuffle(sizes)
    items = [item for number, size in enumerate(sizes) for item in campaign(number, rng, size)]
    items += [honest(number, rng) for number in range(honest_posts)]
    rng.shuffle(items)
    return items


Score = Callable[[list[dict[str, Any]]], dict[str, float]]


def score(leads: list[dict[str, Any]], *, campaigns: int = 40) -> dict[str, float]:
    """precision: leads with a campaign's document over leads; recall: campaigns with a lead; purity and splits beside.

    leads: as `leads list --json` gives them. pure: leads whose documents belong to one campaign and no honest post.
    """
    truths = [{one["external_id"].split("-")[0] for one in lead["documents"]} for lead in leads]
    good = [found for found in truths if any(name.startswith("c") for name in found)]
    found = {name for names in truths for name in names if name.startswith("c")}
    pure = [names for names in truths if len(names) == 1 and next(iter(names)).startswith("c")]
    return {
        "leads": len(leads),
        "precision": len(good) / len(leads) if leads else 0.0,
        "recall": len(found) / campaigns,
        "pure": len(pure) / len(leads) if leads else 0.0,
        "leads_per_campaign": len(good) / len(found) if found else 0.0,
    }
