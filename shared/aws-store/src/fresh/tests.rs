//! Kept answers: for how long, for whom, and how many.

use super::*;
use futures::executor::block_on;
use std::cell::Cell;

fn request(path: &str, tag: Option<&str>) -> HttpRequest {
    HttpRequest {
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: tag.map(|tag| ("if-none-match".to_owned(), tag.to_owned())).into_iter().collect(),
        ..HttpRequest::default()
    }
}

fn response(status: u16, caching: Option<&str>) -> HttpResponse {
    let headers = caching.map(|text| ("cache-control".to_owned(), text.to_owned())).into_iter().collect();
    HttpResponse { status, headers, body: "{}".to_owned() }
}

/// Asks at each of these milliseconds; answers with what came, and how often the function was asked.
fn asked(fresh: &Fresh, request: &HttpRequest, answer: &HttpResponse, at: &[i64]) -> (Vec<HttpResponse>, u32) {
    let calls = Cell::new(0);
    let ask = |&at: &i64| {
        let work = async {
            calls.set(calls.get() + 1);
            answer.clone()
        };
        block_on(fresh.answer(request, Timestamp(at), work))
    };
    let answers = at.iter().map(ask).collect();
    (answers, calls.get())
}

fn caching(answers: &[HttpResponse]) -> Vec<&str> {
    answers.iter().map(|answer| answer.headers[0].1.as_str()).collect()
}

#[test]
fn an_answer_is_kept_for_as_long_as_it_says_and_goes_out_with_what_is_left() {
    let good = response(200, Some("public, max-age=5"));
    let (answers, calls) = asked(&Fresh::new(1.0), &request("/a", None), &good, &[0, 0, 1, 2500, 4000, 4001, 9000]);
    let left = ["5", "5", "4", "2", "1", "5", "4"].map(|left| format!("public, max-age={left}"));
    // 4001 ms after the first it is asked again; at 9000 that second answer has less than a second left.
    assert_eq!(caching(&answers)[..6], left.iter().map(String::as_str).collect::<Vec<_>>()[..6]);
    assert_eq!(calls, 3);
}

#[test]
fn answers_that_say_nothing_are_not_kept() {
    for answer in [response(404, None), response(200, Some("no-store"))] {
        assert_eq!(asked(&Fresh::new(1.0), &request("/a", None), &answer, &[0, 0, 0]).1, 3);
    }
}

#[test]
fn another_path_is_another_answer() {
    let (fresh, good) = (Fresh::new(1.0), response(200, Some("max-age=5")));
    for other in [request("/a", None), request("/b", None)] {
        assert_eq!(asked(&fresh, &other, &good, &[0, 1]).1, 1, "{other:?}");
    }
}

#[test]
fn a_caller_who_has_the_answer_gets_no_body_and_made_up_tags_ask_nobody() {
    let (fresh, mut good) = (Fresh::new(1.0), response(200, Some("max-age=5")));
    good.headers.push(("etag".to_owned(), "\"abc\"".to_owned()));
    let statuses = |tag, at: &[i64]| {
        let (answers, calls) = asked(&fresh, &request("/a", Some(tag)), &good, at);
        (answers.into_iter().map(|answer| (answer.status, answer.body)).collect::<Vec<_>>(), calls)
    };
    let (whole, nothing) = ((200, "{}".to_owned()), (304, String::new()));
    assert_eq!(statuses("\"abc\"", &[0, 1]), (vec![nothing.clone(), nothing.clone()], 1));
    assert_eq!(statuses("\"x\"", &[2, 3]), (vec![whole.clone(), whole], 0));
    assert_eq!(statuses("\"x\", W/\"abc\"", &[4]), (vec![nothing], 0));
}

#[test]
fn time_that_runs_faster_ages_answers_faster_and_a_clock_set_back_keeps_none() {
    let good = response(200, Some("max-age=5"));
    assert_eq!(asked(&Fresh::new(1000.0), &request("/a", None), &good, &[0, 3, 6]).1, 2);
    assert_eq!(asked(&Fresh::new(1.0), &request("/a", None), &good, &[10_000, 5_000]).1, 2);
}

#[test]
fn only_so_many_are_kept() {
    let (fresh, good) = (Fresh::new(1.0), response(200, Some("max-age=5")));
    for number in 0..1000 {
        asked(&fresh, &request(&format!("/{number}"), None), &good, &[0]);
        assert!(fresh.kept.lock().unwrap().len() <= MOST);
    }
}
