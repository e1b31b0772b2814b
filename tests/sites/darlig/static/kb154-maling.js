// Forteller hvem som leser.
gtag("event", "page_view", { page_path: location.pathname });
