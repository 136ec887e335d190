//! Pictures of entities, addresses and files.

use super::*;
use crate::{
    domain::check::{CheckError, ErrorClass},
    home_assistant::rest::MAX_RESPONSE,
    ports::Camera,
};

const PROXY: &str = "/core/api/camera_proxy/camera.x";

impl World {
    async fn failure(&self, source: &str) -> (ErrorClass, String) {
        let error = self.home.cameras.capture(source).await.unwrap_err();
        let CheckError { class, sentence } = error;
        assert!(
            sentence.ends_with('.') && !sentence.contains(TOKEN),
            "{sentence}"
        );
        (class, sentence)
    }
}

#[tokio::test]
async fn entities_give_pictures() {
    let fake = FakeHome::start().await.unwrap();
    let world = World::up(&fake).await;
    fake.answer(PROXY, 200, "image/jpeg", "a room");
    fake.answer(
        "/core/api/image_proxy/image.y",
        200,
        "image/png",
        "a drawing",
    );
    let cameras = &world.home.cameras;
    assert_eq!(cameras.capture("camera.x").await.unwrap(), "a room");
    assert_eq!(cameras.capture("image.y").await.unwrap(), "a drawing");
    let asked = fake.model().requests.clone();
    assert_eq!(asked[0].0, format!("{PROXY}?width=1920&height=1080"));
    assert_eq!(asked[0].1["authorization"], format!("Bearer {TOKEN}"));
    assert_eq!(asked[1].0, "/core/api/image_proxy/image.y");

    let world = World::start(&direct(&fake), LIMITS);
    fake.answer("/api/camera_proxy/camera.x", 200, "image/jpeg", "the same");
    assert_eq!(
        world.home.cameras.capture("camera.x").await.unwrap(),
        "the same"
    );
}

#[tokio::test]
async fn what_a_camera_answers_decides_the_class_and_the_words() {
    use ErrorClass::{Camera, Paused};
    let fake = FakeHome::start().await.unwrap();
    let world = World::up(&fake).await;
    let html = "<html>Bad gateway</html>";
    for (status, kind, body, class, words) in [
        (
            404,
            "text/plain",
            "404: Not Found",
            Camera,
            "There is no camera.x",
        ),
        (
            503,
            "text/plain",
            "503: Service Unavailable",
            Camera,
            "switched off",
        ),
        (503, "text/html", html, Paused, "starting or stopped"),
        (502, "text/html", html, Paused, "starting or stopped"),
        (
            500,
            "text/plain",
            "500: Internal Server Error",
            Camera,
            "got no picture from camera.x",
        ),
        (
            401,
            "text/plain",
            "401: Unauthorized",
            Camera,
            "does not accept the app's token",
        ),
        (
            400,
            "application/json",
            "{\"message\": \"odd\"}",
            Camera,
            "odd",
        ),
        (302, "text/plain", "http://other/", Camera, "redirects"),
        (
            200,
            "text/html; charset=utf-8",
            "<html>",
            Camera,
            "a page (text/html)",
        ),
        (200, "image/jpeg", "", Camera, "empty picture"),
    ] {
        fake.answer(PROXY, status, kind, body);
        let failure = world.failure("camera.x").await;
        assert_eq!(failure.0, class, "{failure:?}");
        assert!(
            failure.1.contains(words) && failure.1.contains("camera.x"),
            "{failure:?}"
        );
    }
}

#[tokio::test]
async fn a_picture_has_a_size_limit() {
    let fake = FakeHome::start().await.unwrap();
    let world = World::up(&fake).await;
    fake.answer(PROXY, 200, "image/jpeg", vec![7; MAX_RESPONSE]);
    assert_eq!(
        world.home.cameras.capture("camera.x").await.unwrap().len(),
        MAX_RESPONSE
    );
    fake.answer(PROXY, 200, "image/jpeg", vec![7; MAX_RESPONSE + 1]);
    let (class, why) = world.failure("camera.x").await;
    assert_eq!(class, ErrorClass::Camera);
    assert!(why.contains("larger than 20 MB"), "{why}");

    // Without a stated length the bytes themselves are counted.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/x.jpg", listener.local_addr().unwrap());
    let endless = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await.unwrap();
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: image/jpeg\r\n\r\n";
        stream.write_all(head).await.unwrap();
        while stream.write_all(&vec![7; 65536]).await.is_ok() {}
    });
    let (_, why) = world.failure(&address).await;
    assert!(why.contains("larger than 20 MB"), "{why}");
    endless.await.unwrap();
}

#[tokio::test]
async fn a_camera_that_is_not_known_yet_waits_for_the_start() {
    let fake = FakeHome::start().await.unwrap();
    fake.model().state = "STARTING";
    let mut world = World::start(&direct(&fake), LIMITS);
    assert!(matches!(world.condition().await, Condition::Paused(_)));
    let (class, why) = world.failure("camera.later").await;
    assert_eq!(class, ErrorClass::Paused, "{why}");
    fake.model().state = "RUNNING";
    assert_eq!(world.condition().await, Condition::Ok);
    assert_eq!(world.failure("camera.later").await.0, ErrorClass::Camera);
}

#[tokio::test]
async fn a_home_that_is_gone_is_a_pause() {
    let fake = FakeHome::start().await.unwrap();
    let world = World::up(&fake).await;
    drop(fake);
    let (class, why) = world.failure("camera.x").await;
    assert_eq!(class, ErrorClass::Paused);
    assert!(why.contains("does not answer"), "{why}");
}

#[tokio::test]
async fn addresses_get_no_token_and_show_no_key() {
    let fake = FakeHome::start().await.unwrap();
    let world = World::up(&fake).await;
    fake.answer("/snap.jpg", 200, "image/jpeg", "a room");
    let cameras = &world.home.cameras;
    let address = fake.url("/snap.jpg?key=k3y").replace("//", "//me:pa55@");
    assert_eq!(cameras.capture(&address).await.unwrap(), "a room");
    let (asked, headers) = fake.model().requests.last().cloned().unwrap();
    assert_eq!(asked, "/snap.jpg?key=k3y");
    assert_eq!(headers["authorization"], "Basic bWU6cGE1NQ==");
    assert_eq!(
        cameras.capture(&fake.url("/snap.jpg")).await.unwrap(),
        "a room"
    );
    let (_, headers) = fake.model().requests.last().cloned().unwrap();
    assert!(!headers.contains_key("authorization"), "{headers:?}");

    fake.answer(
        "/moved",
        302,
        "text/plain",
        "http://elsewhere/x.jpg?key=k3y",
    );
    fake.answer("/page", 200, "text/html", "<html>");
    fake.answer(
        "/video",
        200,
        "multipart/x-mixed-replace; boundary=x",
        "--x",
    );
    fake.answer("/login", 401, "text/plain", "no");
    for (path, words) in [
        ("/moved?key=k3y", "redirects to http://elsewhere/x.jpg?…;"),
        ("/page", "instead of a picture"),
        ("/video", "video stream"),
        ("/login", "name and password"),
    ] {
        let (class, why) = world.failure(&fake.url(path)).await;
        assert_eq!(class, ErrorClass::Camera);
        assert!(why.contains(words) && !why.contains("k3y"), "{why}");
    }
    let asked = fake.model().requests.len();
    let gone = fake.url("/x?key=k3y").replace("//", "//me:pa55@");
    drop(fake);
    let (class, why) = world.failure(&gone).await;
    assert_eq!(class, ErrorClass::Camera);
    assert!(
        !why.contains("k3y") && !why.contains("pa55"),
        "{why} {asked}"
    );
}

#[tokio::test]
async fn without_a_home_files_and_addresses_still_work() {
    let fake = FakeHome::start().await.unwrap();
    fake.answer("/snap.jpg", 200, "image/jpeg", "a room");
    let mut world = World::start(&HomeAssistantAccess::None, LIMITS);
    let Condition::Off(why) = world.condition().await else {
        panic!("not set up is no fault")
    };
    assert!(why.contains("not set up"), "{why}");
    let cameras = &world.home.cameras;
    assert_eq!(
        cameras.capture(&fake.url("/snap.jpg")).await.unwrap(),
        "a room"
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("1.jpg"), "a file").unwrap();
    let path = format!("file:{}", folder.path().display());
    assert_eq!(cameras.capture(&path).await.unwrap(), "a file");

    let (class, why) = world.failure("camera.x").await;
    assert_eq!(class, ErrorClass::Camera);
    assert!(
        why.contains("camera.x") && why.contains("access token"),
        "{why}"
    );
    let (class, why) = world.failure("file:/no/such/place.jpg").await;
    assert_eq!(class, ErrorClass::Camera);
    assert!(
        why.starts_with("There is no file or folder /no/such"),
        "{why}"
    );
    let (_, why) = world.failure("http://me:pa?55@cam/x.jpg").await;
    assert!(
        why.contains("is not a camera") && !why.contains("55"),
        "{why}"
    );
    for odd in ["light.x", "camera.x/../../config", "camera.", "somewhere"] {
        let (class, why) = world.failure(odd).await;
        assert_eq!(class, ErrorClass::Camera);
        assert!(why.contains("is not a camera"), "{why}");
    }
}
