// Runs before Video.js: it must not write styles into the page, which the Content-Security-Policy forbids.
(window as unknown as { VIDEOJS_NO_DYNAMIC_STYLE: boolean }).VIDEOJS_NO_DYNAMIC_STYLE = true;
