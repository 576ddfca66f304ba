// The set-up link brings its secret in the fragment, which is never sent: put it into the form and out of the address.
const secret = location.hash.slice(1);
if (secret) {
  document.getElementById("token").value = secret;
  document.getElementById("token-field").hidden = true;
  history.replaceState(null, "", location.pathname);
  document.getElementById("username").focus();
}
