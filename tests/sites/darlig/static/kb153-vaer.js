// Viser været ved skolen.
fetch("https://vaer.example/skolen.json")
  .then((answer) => answer.json())
  .then((weather) => { document.getElementById("vaer").textContent = weather.text; });
