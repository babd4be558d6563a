"""Why a query is refused, and what to write instead, in English and Vietnamese: one table for parser and console.

Every refusal names the first character at fault. The language of the texts is that of the two readers: developers see
English, officials Vietnamese (`problem_vi`, `hint_vi`).
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from model.errors import QuerySyntaxError


@frozen
class Refusal:
    """problem, hint: English; problem_vi, hint_vi: Vietnamese. `{names}` are filled in by `refuse`."""

    problem: str
    hint: str
    problem_vi: str
    hint_vi: str


REFUSALS: Mapping[str, Refusal] = {
    "empty": Refusal(
        "the query is empty",
        'Write a word, a "phrase" or a condition such as phones: *',
        "câu tìm đang trống",
        'Hãy gõ một từ, một "cụm từ" hoặc một điều kiện như phones: *',
    ),
    "too_long": Refusal(
        "the query has more than {limit} characters",
        "Split it into several saved queries",
        "câu tìm dài quá {limit} ký tự",
        "Hãy tách thành nhiều câu tìm",
    ),
    "too_deep": Refusal(
        "more than {limit} levels of parentheses or operators",
        "Write it flatter or split it into several saved queries",
        "quá {limit} tầng ngoặc hoặc toán tử lồng nhau",
        "Hãy viết ít tầng hơn hoặc tách thành nhiều câu tìm",
    ),
    "too_many": Refusal(
        "more than {limit} conditions",
        "Split it into several saved queries",
        "quá {limit} điều kiện",
        "Hãy tách thành nhiều câu tìm",
    ),
    "two_words": Refusal(
        "several words without quotes",
        'Put a phrase in quotes: "{words}"; or join separate words with and / or',
        "nhiều từ mà không có dấu ngoặc kép",
        'Đặt cụm từ trong ngoặc kép: "{words}"; hoặc nối các từ rời bằng and / or',
    ),
    "splits": Refusal(
        "{word!r} is several words to the search ({tokens})",
        'Put it in quotes: "{word}"',
        "“{word}” được hiểu là nhiều từ ({tokens})",
        'Đặt trong ngoặc kép: "{word}"',
    ),
    "no_word": Refusal(
        "no letter or digit to look for",
        "Write a word; signs and emoji are not searched",
        "không có chữ hoặc số nào để tìm",
        "Hãy gõ một từ; dấu câu và biểu tượng cảm xúc không được tìm",
    ),
    "no_value": Refusal(
        "a value is missing here",
        'Write a word, a "phrase" or * after the colon',
        "thiếu giá trị ở đây",
        'Sau dấu hai chấm hãy gõ một từ, một "cụm từ" hoặc *',
    ),
    "operator_word": Refusal(
        "{word!r} stands where a condition is expected",
        'and / or stand between two conditions; to look for the word itself write "{word}"',
        "“{word}” đứng ở chỗ cần một điều kiện",
        'and / or đứng giữa hai điều kiện; muốn tìm chính từ đó thì viết "{word}"',
    ),
    "not_ending": Refusal(
        "a word that ends in 'not' with more behind it is read as the operator not",
        "Put the word in quotes",
        "từ kết thúc bằng “not” mà còn chữ phía sau bị hiểu thành toán tử not",
        "Đặt từ đó trong ngoặc kép",
    ),
    "not_alone": Refusal(
        "not needs and / or before it here",
        "Write: a and not b",
        "thiếu and / or trước not",
        "Hãy viết: a and not b",
    ),
    "not_space": Refusal(
        "not needs a space behind it",
        "Write: not (a or b)",
        "sau not phải có dấu cách",
        "Hãy viết: not (a or b)",
    ),
    "not_twice": Refusal(
        "not stands twice in a row",
        "Leave both out, or write not (not a)",
        "hai chữ not liền nhau",
        "Bỏ cả hai, hoặc viết not (not a)",
    ),
    "not_value": Refusal(
        "not cannot stand between a field and its value",
        "Write: not {field}: value",
        "not không thể đứng giữa trường và giá trị",
        "Hãy viết: not {field}: giá_trị",
    ),
    "open_paren": Refusal(
        "this parenthesis is never closed",
        "Add )",
        "dấu ngoặc này chưa được đóng",
        "Thêm dấu )",
    ),
    "close_paren": Refusal(
        "a closing parenthesis without its opening one",
        "Remove it or add ( before",
        "thừa dấu đóng ngoặc",
        "Bỏ đi hoặc thêm dấu ( phía trước",
    ),
    "open_quote": Refusal(
        "this quotation mark is never closed",
        'Add "',
        "dấu ngoặc kép này chưa được đóng",
        'Thêm dấu "',
    ),
    "adjacent": Refusal(
        "two conditions side by side",
        "Put and or or between them, with spaces around",
        "hai điều kiện đứng cạnh nhau",
        "Đặt and hoặc or ở giữa, có dấu cách hai bên",
    ),
    "unexpected": Refusal(
        "{char!r} cannot stand here",
        'Put values that hold ( ) : < > " * {{ }} or \\ in quotes',
        "ký tự {char} không thể đứng ở đây",
        'Đặt trong ngoặc kép các giá trị có chứa ( ) : < > " * {{ }} hoặc \\',
    ),
    "nested": Refusal(
        "nested queries with braces are not in the subset",
        "Write the conditions side by side with and",
        "không dùng được truy vấn lồng với ngoặc nhọn",
        "Hãy viết các điều kiện nối bằng and",
    ),
    "star": Refusal(
        "* stands only alone after a field, or at the end of one word of two letters or more",
        "Write field: * or word*; to find every document write seq: *",
        "dấu * chỉ đứng một mình sau tên trường, hoặc ở cuối một từ có từ hai chữ trở lên",
        "Hãy viết trường: * hoặc từ*; muốn thấy mọi bài thì viết seq: *",
    ),
    "long_prefix": Refusal(
        "a beginning of more than {limit} characters",
        "Shorten it",
        "phần đầu dài quá {limit} ký tự",
        "Hãy rút ngắn",
    ),
    "unknown_field": Refusal(
        "unknown field {field!r}",
        "{near}Fields: {fields}",
        "không có trường “{field}”",
        "{near_vi}Các trường: {fields}",
    ),
    "field_star": Refusal(
        "field names cannot hold *",
        "Write the fields one by one: a: x or b: x",
        "tên trường không được chứa dấu *",
        "Hãy viết từng trường: a: x or b: x",
    ),
    "field_in_list": Refusal(
        "a condition on a field inside the list of values of another",
        "Close the parenthesis before it",
        "điều kiện trên một trường nằm trong danh sách giá trị của trường khác",
        "Đóng ngoặc trước điều kiện đó",
    ),
    "stored": Refusal(
        "{field} holds the text for reading and cannot be searched",
        'Use exact: "..." for words with their accents, or text: "..."',
        "{field} chỉ để đọc, không tìm được",
        'Dùng exact: "..." để tìm đúng dấu, hoặc text: "..."',
    ),
    "exists_text": Refusal(
        "{field}: * is not possible on text",
        "Every document has text; use a word, or a field such as phones: *",
        "không dùng được {field}: * với trường văn bản",
        "Bài nào cũng có văn bản; hãy dùng một từ, hoặc một trường như phones: *",
    ),
    "constant": Refusal(
        "{word} without quotes is a constant in Kibana",
        'Put it in quotes: "{word}"',
        "{word} không có ngoặc kép là hằng số trong Kibana",
        'Đặt trong ngoặc kép: "{word}"',
    ),
    "compare_type": Refusal(
        "{operator} works on numbers and dates, and {field} is neither",
        "Use {field}: value",
        "{operator} chỉ dùng với số và ngày, còn {field} thì không phải",
        "Hãy dùng {field}: giá_trị",
    ),
    "colon_compare": Refusal(
        "no colon before {operator}",
        "Write: {field} {operator} value",
        "không viết dấu hai chấm trước {operator}",
        "Hãy viết: {field} {operator} giá_trị",
    ),
    "number": Refusal(
        "{word!r} is not a whole number",
        "Write digits only, e.g. {field} >= 100",
        "“{word}” không phải số nguyên",
        "Chỉ viết chữ số, ví dụ {field} >= 100",
    ),
    "date": Refusal(
        "{word!r} is not a date with time and offset",
        '{field} >= "2025-11-01T00:00:00+07:00"',
        "“{word}” không phải ngày giờ kèm múi giờ",
        '{field} >= "2025-11-01T00:00:00+07:00"',
    ),
    "date_quotes": Refusal(
        "a date stands in quotes",
        'Write {field} {operator} "{word}"',
        "ngày giờ phải đặt trong ngoặc kép",
        'Viết {field} {operator} "{word}"',
    ),
    "date_equal": Refusal(
        "a date is compared, not matched",
        '{field} >= "2025-11-01T00:00:00+07:00" and {field} < "2025-11-02T00:00:00+07:00"',
        "ngày giờ phải so sánh bằng >= và <",
        '{field} >= "2025-11-01T00:00:00+07:00" and {field} < "2025-11-02T00:00:00+07:00"',
    ),
    "value": Refusal(
        "{word!r} cannot be a value of {field}",
        "{example}",
        "“{word}” không thể là giá trị của {field}",
        "{example}",
    ),
}


def refuse(code: str, text: str, position: int, **names: object) -> QuerySyntaxError:
    """The error to raise. position: code points from the start of `text`, never behind its end."""
    refusal = REFUSALS[code]
    return QuerySyntaxError(
        refusal.problem.format(**names),
        text=text,
        position=max(0, min(position, len(text))),
        hint=refusal.hint.format(**names),
        problem_vi=refusal.problem_vi.format(**names),
        hint_vi=refusal.hint_vi.format(**names),
    )
