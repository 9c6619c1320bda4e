//! Lives in which nothing goes wrong.

use crate::script::{HOUR, MINUTE, Story, body_of, quiet};
use headend_control::handlers::accept::Change;
use headend_domain::phase::Phase;

#[test]
fn a_platform_is_built_started_stopped_and_removed_without_a_trace() {
    for event in ["create-platform", "create-platform-minimal"] {
        let mut story = Story::create(quiet(1), &body_of(event));
        story.reach(Phase::Ready, 30 * MINUTE);
        story.settle(HOUR);
        story.assert_no_doubles();
        story.ask(Change::Start);
        story.reach(Phase::Live, 10 * MINUTE);
        story.ask(Change::Stop);
        story.reach(Phase::Ready, 10 * MINUTE);
        story.ask(Change::Teardown);
        story.reach(Phase::Gone, HOUR);
        story.settle(HOUR);
        assert_eq!(story.inventory(), Vec::<String>::new(), "{event}");
    }
}
