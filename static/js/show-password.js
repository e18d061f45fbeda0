// A button beside each password shows what was typed. Without a script there is none.
for (const input of document.querySelectorAll("input[type=password]")) {
  const row = document.createElement("div");
  row.className = "password";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--small";
  button.textContent = "Show";
  button.setAttribute("aria-label", "Show password");
  button.setAttribute("aria-controls", input.id);
  input.replaceWith(row);
  row.append(input, button);
  button.addEventListener("click", () => {
    const shows = input.type === "password";
    input.type = shows ? "text" : "password";
    button.textContent = shows ? "Hide" : "Show";
    button.setAttribute("aria-label", `${button.textContent} password`);
  });
  // Sent as a password, so that browsers offer to save it and never list it among what was typed.
  input.form?.addEventListener("submit", () => (input.type = "password"));
}
