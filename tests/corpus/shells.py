"""Pages in the manner of Vietnamese sites: 25 shells, each around three articles, one of them a notice of 40 words.

Everything is invented. The shells use the class names, the markup habits and the strips of papers, portals, blogs and
forums, but names that no list of ours holds stand in half of them, so that the way for unknown layouts is tried too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from attrs import frozen


@frozen(kw_only=True)
class Story:
    """An article: what a reader of its page came for."""

    title: str
    lead: str
    paragraphs: tuple[str, ...]
    author: str
    day: str

    @property
    def text(self) -> str:
        return "\n".join(filter(None, (self.lead, *self.paragraphs)))


STORIES = (
    Story(
        title="Cảnh báo cuộc gọi mạo danh nhân viên điện lực dọa cắt điện",
        lead="Nhiều hộ dân ở phường Hàm Tiến nhận cuộc gọi dọa cắt điện và bị yêu cầu cài ứng dụng lạ để thanh toán.",
        paragraphs=(
            "Theo phản ánh của người dân, từ đầu tháng 11, các đối tượng dùng số 0900 000 501 gọi vào giờ trưa, tự xưng nhân viên điện lực và đọc đúng tên chủ hộ.",
            "Sau khi dọa sẽ ngừng cấp điện trong hai giờ, chúng gửi đường dẫn tải ứng dụng dienluc-zq9.apk qua Zalo. Khi máy đã cài, kẻ gian chiếm quyền điều khiển và chuyển tiền trong tài khoản.",
            "Bà N.T.H. ở khu phố 5 kể lại bà suýt mất 40 triệu đồng, may có con trai về kịp và rút dây mạng.",
            "Đơn vị điện lực khẳng định không thu tiền qua đường dẫn, không yêu cầu cài ứng dụng ngoài kho chính thức. Khách hàng cần hỏi gọi tổng đài 19001006.",
            "Công an phường đề nghị bà con khi nhận cuộc gọi tương tự thì ghi lại số điện thoại, không làm theo yêu cầu và báo ngay cho cơ quan gần nhất.",
        ),
        author="Minh Châu",
        day="05/11/2026",
    ),
    Story(
        title="Tuần lễ nông sản sạch thu hút hơn ba vạn lượt khách",
        lead="Sau năm ngày mở cửa, tuần lễ nông sản sạch tại quảng trường trung tâm đã khép lại với doanh thu vượt dự kiến.",
        paragraphs=(
            "Ban tổ chức cho biết 120 gian hàng của các hợp tác xã trong tỉnh tham gia, tăng 30 gian so với năm trước.",
            "Mặt hàng bán chạy nhất là trái cây sấy, mật ong rừng và cà phê rang xay. Nhiều gian hết hàng từ ngày thứ ba.",
            "Anh K'Brim, chủ một vườn bơ ở xã vùng sâu, nói lần đầu anh bán trực tiếp được cho khách thành phố mà không qua thương lái.",
            "Năm tới, sự kiện sẽ kéo dài bảy ngày và có thêm khu trải nghiệm cho học sinh.",
        ),
        author="Thu Hà",
        day="12/11/2026",
    ),
    Story(
        title="Thông báo về số điện thoại mạo danh cán bộ phường",
        lead="",
        paragraphs=(
            "Công an phường thông báo: số 0900 000 502 đang gọi cho người dân, tự xưng cán bộ phường để hẹn cập nhật dữ liệu. "
            "Phường không cử ai gọi điện. Bà con không kết bạn Zalo, không bấm đường dẫn, cần hỏi xin đến trụ sở.",
        ),
        author="",
        day="18/11/2026",
    ),
)  # fmt: skip

NEIGHBOURS = (
    "Mức phạt xe dừng đỗ sai quy định từ tháng tới",
    "Lễ hội hoa năm nay có gì mới",
    "Giá cà phê trong nước tăng nhẹ phiên đầu tuần",
    "Học sinh vùng cao nhận áo ấm trước mùa đông",
    "Khai trương tuyến xe buýt nối hai phường ven biển",
)
COMMENTS = (
    ("Hải Yến", "Nhà mình cũng bị gọi hôm qua, may mà không nghe theo nên không mất đồng nào."),
    ("ba_tam_76", "Cảm ơn bài viết, để em gửi cho ba mẹ ở quê đọc, ông bà hay tin người lắm."),
    ("Độc giả", "Đề nghị cơ quan chức năng xử lý nghiêm, chứ để vậy hoài người già khổ quá."),
)


def _p(story: Story, tag: str = "p", attributes: str = "") -> str:
    return "".join(f"<{tag}{attributes}>{escape(text)}</{tag}>" for text in story.paragraphs)


def _links(tag: str = "li") -> str:
    return "".join(f'<{tag}><a href="/bai-{n}.html">{escape(text)}</a></{tag}>' for n, text in enumerate(NEIGHBOURS))


def _menu() -> str:
    names = ("Trang chủ", "Thời sự", "Kinh tế", "Pháp luật", "Thể thao", "Du lịch", "Liên hệ")
    return "<ul>" + "".join(f'<li><a href="/{n}">{name}</a></li>' for n, name in enumerate(names)) + "</ul>"


def _head(story: Story, site: str = "Báo ZQ", more: str = "") -> str:
    return f'<html lang="vi"><head><meta charset="utf-8"><title>{escape(story.title)} - {site}</title>{more}</head>'


_FOOT = (
    "<div class='chan-trang'>Cơ quan chủ quản: Sở ZQ. Chịu trách nhiệm: Nguyễn Văn A. Giấy phép số 12/GP-TTĐT. "
    "Địa chỉ: 1 đường Số Một. Điện thoại: 0263 3000 999. Ghi rõ nguồn khi phát hành lại thông tin từ trang này.</div>"
)


def vn_daily(story: Story) -> str:
    return (
        _head(story) + f"<body><header>{_menu()}</header><section class='sidebar-1'><h1 class='title-detail'>{escape(story.title)}</h1>"
        f"<span class='date'>Thứ năm, {story.day}, 08:05 (GMT+7)</span><p class='description'>{escape(story.lead)}</p>"
        f"<article class='fck_detail'>{_p(story, 'p', ' class=Normal')}<p class='Normal' style='text-align:right'><strong>{story.author}</strong></p></article>"
        f"<div class='box-tinlienquanv2'><h3>Tin liên quan</h3><ul>{_links()}</ul></div></section>{_FOOT}</body></html>"
    )  # fmt: skip


def vc_paper(story: Story) -> str:
    return (
        _head(story) + f"<body>{_menu()}<h1 class='detail-title' data-role='title'>{escape(story.title)}</h1><div data-role='publishdate'>{story.day} 08:05</div>"
        f"<h2 class='detail-sapo' data-role='sapo'>{escape(story.lead)}</h2><div class='detail-content afcbc-body' data-role='content'>{_p(story)}"
        f"<div class='VCSortableInPreviewMode' type='RelatedNewsBox'><ul>{_links()}</ul></div></div><div class='detail-author' data-role='author'>{story.author}</div>"
        f"<div class='box-comment'><h3>Bình luận</h3>{_comments()}</div>{_FOOT}</body></html>"
    )  # fmt: skip


def _comments() -> str:
    return "".join(
        f"<div class='cm-item'><b class='nick'>{name}</b><p>{escape(text)}</p><span>Thích · Trả lời · 2 giờ trước</span></div>"
        for name, text in COMMENTS
    )


def liferay_police(story: Story) -> str:
    return (
        _head(story, "Công an tỉnh ZQ") + f"<body class='html aui'>{_menu()}<div class='portlet-boundary'><div class='asset-full-content'>"
        f"<div class='header-title'>{escape(story.title)}</div><div class='metadata-publish-date'>{story.day}</div><div class='lx'>Lượt xem: 1.204</div>"
        f"<div class='asset-content'><div class='journal-body'><b>{escape(story.lead)}</b>{_p(story, 'div')}</div></div></div>"
        f"<div class='taglib-ratings'>Average (0 Votes)</div><div class='other-news'><p>Các tin khác</p><ul>{_links()}</ul></div></div>{_FOOT}</body></html>"
    )  # fmt: skip


def wordpress_theme(story: Story) -> str:
    return (
        _head(story, "Blog ZQ") + f"<body class='single'><nav>{_menu()}</nav><article id='post-12' class='post'><header class='entry-header'><h1 class='entry-title'>{escape(story.title)}</h1>"
        f"<div class='entry-meta'>Đăng bởi {story.author} | {story.day} | 3 phản hồi</div></header><div class='entry-content'><p>{escape(story.lead)}</p>{_p(story)}"
        f"<div class='sharedaddy'><h3>Chia sẻ:</h3><ul><li>Facebook</li><li>X</li></ul></div><div id='jp-relatedposts'><h3>Bài viết liên quan</h3>{_links('p')}</div></div></article>"
        f"<div id='comments'><h2>3 bình luận</h2>{_comments()}</div></body></html>"
    )  # fmt: skip


def blogspot(story: Story) -> str:
    lines = "<br /><br />".join(escape(text) for text in filter(None, (story.lead, *story.paragraphs)))
    return (
        _head(story, "Góc nhỏ") + f"<body><div class='post hentry'><h2 class='date-header'>{story.day}</h2><h3 class='post-title entry-title'>{escape(story.title)}</h3>"
        f"<div class='post-body entry-content' id='post-body-9'><div dir='ltr' style='text-align: left;'>{lines}</div></div><div class='post-footer'>Posted by {story.author} at 08:05 No comments: </div></div>"
        f"<div id='blog-archive'><h2>Blog Archive</h2><ul>{_links()}</ul></div></body></html>"
    )  # fmt: skip


def forum_thread(story: Story) -> str:
    first = f"<p>{escape(story.lead)}</p>{_p(story)}" if story.lead else _p(story)
    replies = "".join(
        f"<li class='message'><div class='user'>{name}<br>Tham gia: 2019<br>Bài viết: 312</div><div class='messageText'>{escape(text)}</div><div>#{n + 2}</div></li>"
        for n, (name, text) in enumerate(COMMENTS)
    )
    return (
        _head(story, "Diễn đàn ZQ") + f"<body>{_menu()}<div class='titleBar'><h1>{escape(story.title)}</h1></div><ol class='messageList'><li class='message'>"
        f"<div class='user'>chu_tus<br>Tham gia: 2015<br>Bài viết: 1.204</div><div class='messageText'>{first}</div><div>#1 · {story.day}</div></li>{replies}</ol></body></html>"
    )  # fmt: skip


def facebook_dump(story: Story) -> str:
    parts = "".join(
        f"<div dir='auto' style='text-align:start'>{escape(text)}</div>"
        for text in filter(None, (story.lead, *story.paragraphs))
    )
    return (
        _head(story, "Facebook") + f"<body><div role='main'><div><h1>{escape(story.title)}</h1><span>{story.day}</span> · <span>Công khai</span></div><div data-ad-preview='message'>{parts}</div>"
        f"<div>124 lượt thích</div><div>32 bình luận</div><div>Thích</div><div>Bình luận</div><div>Chia sẻ</div><div role='article'>{_comments()}</div></div></body></html>"
    )  # fmt: skip


def table_portal(story: Story) -> str:
    return (
        _head(story, "Cổng thông tin xã ZQ") + f"<body><table width='100%'><tr><td width='180'>{_menu()}<table><tr><td>Thống kê truy cập</td></tr><tr><td>Hôm nay: 12</td></tr></table></td>"
        f"<td valign='top'><table><tr><td class='tieude'>{escape(story.title)}</td></tr><tr><td class='ngay'>Ngày đăng: {story.day}</td></tr><tr><td class='nd'><b>{escape(story.lead)}</b>{_p(story)}</td></tr>"
        f"<tr><td>In trang | Gửi email</td></tr></table><table><tr><td>Tin đã đưa</td></tr>{''.join(f'<tr><td><a href=/x>{escape(n)}</a></td></tr>' for n in NEIGHBOURS)}</table></td></tr></table>{_FOOT}</body></html>"
    )  # fmt: skip


def br_only(story: Story) -> str:
    lines = "<br>".join(escape(text) for text in filter(None, (story.lead, *story.paragraphs)))
    return (
        _head(story, "Trang tin ZQ") + f"<body><div id='top'>{_menu()}</div><div id='khung'><div class='td'>{escape(story.title)}</div><div class='nd'>{lines}<br><br>{story.author}</div></div>"
        f"<div id='phai'><b>Xem nhiều</b><br>{'<br>'.join(f'<a href=/y>{escape(n)}</a>' for n in NEIGHBOURS)}</div></body></html>"
    )  # fmt: skip


def word_spans(story: Story) -> str:
    body = "".join(
        "<p class='MsoNormal' style='margin-bottom:6pt'>"
        + " ".join(
            f"<span style='font-size:14.0pt;font-family:\"Times New Roman\"'>{escape(word)}</span>"
            for word in text.split()
        )
        + "<o:p></o:p></p>"
        for text in filter(None, (story.lead, *story.paragraphs))
    )
    return (
        _head(story, "UBND xã ZQ") + f"<body>{_menu()}<div class='chitiet'><h2>{escape(story.title)}</h2><i>{story.day}</i><div class='khungchitiet'>{body}</div></div>"
        f"<div class='tinkhac'><h3>Các tin khác</h3><ul>{_links()}</ul></div>{_FOOT}</body></html>"
    )  # fmt: skip


def amp_page(story: Story) -> str:
    return (
        f"<!doctype html><html ⚡ lang='vi'><head><meta charset='utf-8'><title>{escape(story.title)}</title><style amp-custom>.a{{}}</style></head><body><amp-sidebar>{_menu()}</amp-sidebar>"
        f"<main><h1>{escape(story.title)}</h1><time datetime='2026-11-05T08:05:00+07:00'>{story.day}</time><p class='sapo'>{escape(story.lead)}</p><div class='content'>{_p(story)}<amp-ad width=300></amp-ad></div>"
        f"<amp-list><h4>Đọc thêm</h4>{_links('div')}</amp-list></main></body></html>"
    )  # fmt: skip


def html5_semantic(story: Story) -> str:
    return (
        _head(story) + f"<body><header>{_menu()}</header><main><article><h1>{escape(story.title)}</h1><address>{story.author}</address><p><strong>{escape(story.lead)}</strong></p>{_p(story)}"
        f"</article><aside><h2>Tin mới nhất</h2><ul>{_links()}</ul></aside><section id='binh-luan'><h2>Bình luận</h2>{_comments()}</section></main><footer>{_FOOT}</footer></body></html>"
    )  # fmt: skip


def nuke_viet(story: Story) -> str:
    return (
        _head(story, "Trường THCS ZQ") + f"<body>{_menu()}<div class='news_column panel'><h1 class='title margin-bottom-lg'>{escape(story.title)}</h1><span class='h5'>Thứ năm - {story.day} 08:05</span>"
        f"<div class='hometext m-bottom'>{escape(story.lead)}</div><div id='news-bodyhtml' class='bodytext margin-bottom-lg'>{_p(story)}</div><p class='h5 text-right'>Tác giả bài viết: {story.author}</p>"
        f"<div>Tổng số điểm của bài viết là: 5 trong 1 đánh giá</div><div class='panel-body'><h4>Những tin mới hơn</h4><ul>{_links()}</ul></div></div>{_FOOT}</body></html>"
    )  # fmt: skip


def sharepoint(story: Story) -> str:
    return (
        _head(story, "Sở ZQ") + f"<body><div id='s4-workspace'>{_menu()}<div id='ctl00_PlaceHolderMain_g_1_pnDetail'><div class='divArticleTitle'>{escape(story.title)}</div><div class='divArticleDate'>{story.day}</div>"
        f"<div class='ArticleLeadX'>{escape(story.lead)}</div><div class='ms-rtestate-field'>{_p(story, 'div')}<div>​</div></div></div><div class='ms-other'>TIN LIÊN QUAN<ul>{_links()}</ul></div></div>{_FOOT}</body></html>"
    )  # fmt: skip


def dnn_portal(story: Story) -> str:
    return (
        _head(story, "Huyện ZQ") + f"<body><div id='dnn_ContentPane'><div class='c_head'>{escape(story.title)}</div><div class='c_date'>{story.day} 08:05:00</div><div class='tools'>A- A A+ In bài</div>"
        f"<div class='c_brief'>{escape(story.lead)}</div><div class='c_full'>{_p(story)}</div><div class='c_other'><span>Tin cùng chuyên mục</span>{_links('div')}</div></div><div id='dnn_RightPane'>{_links('p')}</div>{_FOOT}</body></html>"
    )  # fmt: skip


def gallery_caption(story: Story) -> str:
    images = "<figure><img src='/a.jpg'><figcaption>Ảnh minh họa</figcaption></figure>"
    return (
        _head(story) + f"<body>{_menu()}<div class='page'><h1>{escape(story.title)}</h1><div class='by'>{story.author} - {story.day}</div><div class='lede'>{escape(story.lead)}</div>"
        f"<div class='story'>{images}{_p(story)}{images}</div><ul class='tags'><li>Từ khóa:</li><li><a href=/t>điện lực</a></li><li><a href=/t>lừa đảo</a></li></ul><div class='more'>Có thể bạn quan tâm<ul>{_links()}</ul></div></div></body></html>"
    )  # fmt: skip


def mid_strips(story: Story) -> str:
    half = len(story.paragraphs) // 2
    first = "".join(f"<p>{escape(text)}</p>" for text in story.paragraphs[:half])
    rest = "".join(f"<p>{escape(text)}</p>" for text in story.paragraphs[half:])
    return (
        _head(story) + f"<body>{_menu()}<div class='main-col'><h1>{escape(story.title)}</h1><p class='intro'>{escape(story.lead)}</p><div class='txt'>{first}"
        f"<div class='inline-related'><a href=/b1>{NEIGHBOURS[0]}</a><a href=/b2>{NEIGHBOURS[1]}</a></div>{rest}</div></div><div class='col-right'>{_links('div')}</div>{_FOOT}</body></html>"
    )  # fmt: skip


def long_comments(story: Story) -> str:
    return (
        _head(story) + f"<body>{_menu()}<div id='wrap'><h1>{escape(story.title)}</h1><div class='bv'><p>{escape(story.lead)}</p>{_p(story)}</div><div class='y-kien'><h3>Ý kiến bạn đọc (9)</h3>{_comments() * 3}</div></div></body></html>"
    )  # fmt: skip


def uppercase_portal(story: Story) -> str:
    return (
        _head(story, "PHƯỜNG ZQ").upper().replace("CHARSET=\"UTF-8\"", 'charset="utf-8"')
        + f"<BODY><DIV ID=MENU>{_menu()}</DIV><DIV CLASS=BAIVIET><FONT SIZE=5>{escape(story.title)}</FONT><P>{escape(story.lead)}</P>{_p(story, 'P')}</DIV><DIV>Số lượt xem: 322</DIV><DIV CLASS=TINCU><P>Tin cũ hơn</P>{_links('P')}</DIV></BODY></HTML>"
    )  # fmt: skip


def newsletter(story: Story) -> str:
    rows = "".join(
        f"<tr><td style='padding:8px'>{escape(text)}</td></tr>"
        for text in filter(None, (story.lead, *story.paragraphs))
    )
    return (
        _head(story, "Bản tin") + f"<body><center><table><tr><td><h1>{escape(story.title)}</h1></td></tr>{rows}<tr><td>Chia sẻ</td></tr></table><table><tr><td>Đọc nhiều</td></tr>{_links('tr')}</table></center>{_FOOT}</body></html>"
    )  # fmt: skip


def shop_notice(story: Story) -> str:
    return (
        _head(story, "Siêu thị ZQ") + f"<body>{_menu()}<div class='blog-detail'><div class='breadcrumb'>Trang chủ / Tin tức / {escape(story.title)}</div><h1>{escape(story.title)}</h1><div class='rte'><p>{escape(story.lead)}</p>{_p(story)}</div>"
        f"<div class='products'><h2>Sản phẩm nổi bật</h2><div>Nồi cơm điện 1.8L <b>690.000₫</b></div><div>Quạt đứng <b>420.000₫</b></div></div></div>{_FOOT}</body></html>"
    )  # fmt: skip


def json_heavy(story: Story) -> str:
    return (
        _head(story, more="<script>window.__DATA__={'a':[1,2,3],'html':'<p>Không phải bài</p>'}</script>")
        + f"<body><div id='__next'>{_menu()}<div class='css-1a2b'><h1 class='css-9x'>{escape(story.title)}</h1><div class='css-77'>{escape(story.lead)}</div><div class='css-88'>{_p(story, 'p', ' class=css-5')}</div><div class='css-99'>Tin nổi bật{_links('div')}</div></div></div></body></html>"
    )  # fmt: skip


def bank_warning(story: Story) -> str:
    return (
        _head(story, "Ngân hàng ZQ") + f"<body>{_menu()}<section class='hero'><h1>{escape(story.title)}</h1></section><section class='wysiwyg'><p>{escape(story.lead)}</p>{_p(story)}</section><section class='cta'><h3>Đăng ký nhận tin</h3><form><input><button>Gửi</button></form></section>"
        f"<section class='news-list'><h3>Tin khác</h3>{_links('div')}</section>{_FOOT}</body></html>"
    )  # fmt: skip


def unclosed_tags(story: Story) -> str:
    body = "".join(f"<p>{escape(text)}" for text in filter(None, (story.lead, *story.paragraphs)))
    return (
        _head(story, "Thôn ZQ")
        + f"<body><div class=menu>{_menu()}<div class=chinh><h1>{escape(story.title)}</h1>{body}<div class=cuoi><b>Bài liên quan</b><ul>{_links()}</ul>"
    )


def popup_cookie(story: Story) -> str:
    return (
        _head(story) + f"<body><div class='cookie'>Trang này dùng cookie để cải thiện trải nghiệm. Bằng cách tiếp tục, bạn đồng ý với chính sách của chúng tôi. <a href=/c>Đồng ý</a></div>{_menu()}"
        f"<div class='reader'><h1>{escape(story.title)}</h1><div class='dateline'>{story.day}</div><div class='reader-body'><p>{escape(story.lead)}</p>{_p(story)}</div><div>Theo dõi Báo ZQ trên Google News</div></div><div class='readmore'>{_links('p')}</div></body></html>"
    )  # fmt: skip


SHELLS: tuple[Callable[[Story], str], ...] = (
    vn_daily, vc_paper, liferay_police, wordpress_theme, blogspot, forum_thread, facebook_dump, table_portal, br_only,
    word_spans, amp_page, html5_semantic, nuke_viet, sharepoint, dnn_portal, gallery_caption, mid_strips, long_comments,
    uppercase_portal, newsletter, shop_notice, json_heavy, bank_warning, unclosed_tags, popup_cookie,
)  # fmt: skip


def pages() -> Iterator[tuple[str, Story, str]]:
    """Name of the shell, the story and the page."""
    for shell in SHELLS:
        for story in STORIES:
            yield shell.__name__, story, shell(story)
