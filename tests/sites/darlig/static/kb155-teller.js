// Teller hvor mange ganger leseren har vært her.
const times = Number(localStorage.getItem("times")) + 1;
localStorage.setItem("times", String(times));
