//! The list at the top of a refused form names each field by the words that stand beside it (`parts/form.html`). Those
//! words are said once, in the template of the form: they are taken from the page as it was written.

/// Where the list wants a field's name: the template writes this, the field's path, and [`END`].
const START: &str = "<b data-problem=\"";
const END: &str = "\"></b>";

/// The page with the fields of its list of problems named. A field without a label, and one that its message names
/// already, stays as it is.
pub(super) fn named(html: String) -> String {
    if !html.contains(START) {
        return html;
    }
    let mut out = String::with_capacity(html.len() + 256);
    let mut rest = html.as_str();
    while let Some((before, after)) = rest.split_once(START) {
        out.push_str(before);
        let Some((field, after)) = after.split_once(END) else {
            rest = after;
            break;
        };
        let said = after.split("</a>").next().unwrap_or_default().to_lowercase();
        if let Some(label) = label_of(&html, field).filter(|label| !said.contains(&label.to_lowercase())) {
            out.push_str(label.trim_end_matches('?'));
            out.push_str(": ");
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The words beside a field: its label, or the legend of the group that it is.
fn label_of<'a>(html: &'a str, field: &str) -> Option<&'a str> {
    let label = html.split_once(&format!("for=\"{field}\">")).and_then(|(_, rest)| rest.split_once("</label>"));
    let legend = || {
        let (_, rest) = html.split_once(&format!("id=\"{field}\">"))?;
        rest.trim_start().strip_prefix("<legend>")?.split_once("</legend>")
    };
    let (words, _) = label.or_else(legend)?;
    let words = words.trim();
    (!words.is_empty() && !words.contains('<')).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(field: &str, said: &str) -> String {
        format!(
            "<a href=\"#{field}\"><b data-problem=\"{field}\"></b>{said}</a><label for=\"name\">Họ tên</label>\
             <fieldset id=\"kind\">\n<legend>Loại</legend></fieldset><label for=\"rooms\">Bao nhiêu phòng?</label>"
        )
    }

    #[test]
    fn a_problem_is_named_by_the_words_beside_its_field() {
        assert!(named(page("name", "Hãy điền ô này.")).contains("\"#name\">Họ tên: Hãy điền ô này.</a>"));
        assert!(named(page("kind", "Hãy chọn.")).contains("\"#kind\">Loại: Hãy chọn.</a>"));
        assert!(
            named(page("rooms", "Hãy điền ô này.")).contains(">Bao nhiêu phòng: Hãy điền ô này.</a>"),
            "a question"
        );
    }

    #[test]
    fn what_names_itself_or_has_no_label_stays() {
        assert!(named(page("name", "Thiếu họ tên.")).contains("\"#name\">Thiếu họ tên.</a>"));
        assert!(named(page("lines", "Ghi ít nhất một dòng.")).contains("\"#lines\">Ghi ít nhất một dòng.</a>"));
        assert_eq!(named("<p>Không có gì sai</p>".to_owned()), "<p>Không có gì sai</p>");
    }
}
