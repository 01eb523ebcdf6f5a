const footer = document.getElementById("version");

fetch("/health")
  .then((answer) => answer.json())
  .then((health) => {
    footer.textContent = `Attest ${health.version}`;
  });

const socket = new WebSocket(`ws://${location.host}/live`);
socket.onmessage = (event) => {
  const item = document.createElement("li");
  item.textContent = event.data;
  document.getElementById("statements").append(item);
};
