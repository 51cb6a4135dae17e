// Brazilian Portuguese words for why there is no connection to the broker.

import type { SameWords } from "./dictionary.ts";
import type { englishLinkErrors } from "./english-link-errors.ts";

export const portugueseLinkErrors: SameWords<typeof englishLinkErrors> = {
  broker_unresolvable: "O nome do broker não é encontrado.",
  broker_unresolvable_hint: "Confira como está escrito em --broker, e o DNS.",
  broker_refused: "Ninguém escuta no endereço do broker.",
  broker_refused_hint: "Ele está rodando, e esta é a porta dele? 1883 é MQTT simples, 8883 é TLS.",
  broker_unreachable: "Não é possível chegar ao broker.",
  broker_unreachable_hint: "Confira o endereço, a rede e o firewall no caminho.",
  broker_silent: "O broker aceitou a conexão, mas não respondeu.",
  broker_silent_hint: "É uma porta MQTT? Portas TLS pedem mqtts://, portas WebSocket ws://.",
  broker_hung_up: "O broker fechou a conexão sem dizer por quê.",
  broker_hung_up_hint: "O log dele sabe: TLS em porta simples, uma ACL, ou um client id em uso.",
  broker_garbled: "O que o broker enviou não é MQTT.",
  broker_garbled_hint: "Confira a porta: uma porta HTTP ou TLS responde assim.",
  broker_disconnected: "O broker encerrou a conexão.",
  broker_disconnected_hint: "O motivo é dele; o log dele diz mais.",
  login_refused: "O broker recusou o login.",
  login_refused_hint: "Confira --username e --password.",
  client_id_refused: "O broker não aceita o client id.",
  client_id_refused_hint: "Escolha outro com --client-id: letras e dígitos, no máximo 23.",
  version_refused: "O broker não fala esta versão do MQTT.",
  version_refused_hint: "Escolha outra com --mqtt-version.",
  session_taken_over: "Outro cliente tomou a sessão.",
  session_taken_over_hint: "Dois usam o mesmo client id: dê um a cada um com --client-id.",
  tls_failed: "O TLS com o broker falhou.",
  tls_failed_hint: "Uma CA privada pede --ca; o nome do host deve estar no certificado.",
};
