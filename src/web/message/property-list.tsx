// All MQTT 5 properties that a message carries, the sender's own among them.

import type { PropertiesJson } from "../live/bridge-answers.ts";
import { say } from "../words/words.ts";
import { listUserProperties } from "./copy-lines.ts";

export type PropertyListProps = { readonly properties: PropertiesJson | undefined };

export function PropertyList({ properties }: PropertyListProps) {
  const rows = toRows(properties);
  return (
    <section class="pane-part" aria-label={say("message.properties")}>
      <h3>{say("message.properties")}</h3>
      {rows.length === 0 ? (
        <p class="soft">{say("message.noProperties")}</p>
      ) : (
        <table class="properties">
          <thead class="unseen">
            <tr>
              <th scope="col">{say("message.propertyName")}</th>
              <th scope="col">{say("message.propertyValue")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, name, value, note }) => (
              <tr key={key}>
                <th scope="row">
                  {name} {note !== "" && <span class="soft">{note}</span>}
                </th>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

type Row = {
  readonly key: string;
  readonly name: string;
  readonly value: string;
  readonly note: string;
};

// The names are those of the specification, and of the bridge's routes.
function toRows(properties: PropertiesJson = {}): Row[] {
  const { user_properties: _user, correlation_data_encoding: encoding, ...others } = properties;
  const rows = Object.entries(others).map(([name, value]) => {
    const note = name === "correlation_data" ? (encoding ?? "") : "";
    return { key: name, name: name.replaceAll("_", " "), value: toValue(name, value), note };
  });
  const user = listUserProperties(properties).map(([name, value], at) => {
    return { key: `user ${at}`, name, value, note: say("message.user") };
  });
  return [...rows, ...user];
}

function toValue(name: string, value: string | number): string {
  return name === "message_expiry_interval" ? `${value} s` : String(value);
}
