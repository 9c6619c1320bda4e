//! What somebody changes by hand, over the wire: the functions' own calls find it and change it back, and find nothing else that
//! differs in all that AWS describes.

use super::rig::{FULL, HOME, Rig, config};
use headend_local::world::medialive::UpdateInputSecurityGroup;

#[ignore = "needs the function binaries; cargo xtask test builds and runs it"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_changed_by_hand_on_air_is_changed_back_and_nothing_else_differs() {
    let rig = Rig::start(config()).await;
    let id = rig.create(FULL).await;
    rig.reach(&id, "Ready").await;
    rig.change(&id, "start").await;
    rig.reach(&id, "Live").await;
    let playback = rig.settle(&id).await["playback"].clone();
    let cloud = &rig.stack.cloud;
    let group = cloud.with_world(|world, now| {
        let group =
            world.regions[HOME].medialive.groups.values().find(|group| !group.inputs.is_empty()).unwrap().clone();
        let cidrs = Some(vec!["0.0.0.0/0".to_owned()]);
        let open = UpdateInputSecurityGroup { id: group.id, cidrs, tags: None };
        world.update_input_security_group(HOME, now, open).unwrap();
        group.tags["headend:slot"].clone()
    });
    rig.wait_for_line(&id, "rules: 0.0.0.0/0 instead of").await;
    cloud.with_world(|world, now| {
        let distribution = world.cloudfront.distributions.keys().next().unwrap().clone();
        let found = world.get_distribution(now, &distribution).unwrap();
        let mut config = found.config;
        config.enabled = false;
        world.update_distribution(now, &distribution, Some(&found.etag), config).unwrap();
    });
    rig.wait_for_line(&id, "drift: distribution: is as it should be again").await;
    rig.wait_for_line(&id, &format!("drift: {group}: is as it should be again")).await;
    let told = rig.timeline(&id).await;
    let told: Vec<_> = told.iter().filter(|line| line.contains("drift:")).collect();
    assert!(told.iter().all(|line| line.contains(&group) || line.contains("distribution")), "{told:#?}");
    assert_eq!(rig.platform(&id).await["playback"], playback);
    rig.tear_down(&id).await;
    rig.reach(&id, "Gone").await;
    assert_eq!(rig.inventory(), Vec::new());
    rig.end().await;
}
