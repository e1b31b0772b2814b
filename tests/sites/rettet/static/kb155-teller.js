// Teller hvor mange avsnitt siden har.
const parts = document.querySelectorAll("main p").length;
document.documentElement.dataset.parts = String(parts);
