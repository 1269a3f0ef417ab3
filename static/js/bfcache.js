// The browser may restore a page on Back although the person has signed out in the meantime.
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
