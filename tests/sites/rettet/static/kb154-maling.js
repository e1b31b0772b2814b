// Forteller ingen hvem som leser.
document.documentElement.classList.add("has-script");
