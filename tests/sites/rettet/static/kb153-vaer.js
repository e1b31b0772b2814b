// Viser været ved skolen, som kommunen selv henter hver time.
fetch("/kb153-vaer.json")
  .then((answer) => answer.json())
  .then((weather) => { document.getElementById("vaer").textContent = weather.text; });
