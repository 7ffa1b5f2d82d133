using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SoftSwitch.Model;

namespace SoftSwitch.Config;

/// <summary>A model to JSON in the keys of the language. JSON is YAML too: what it writes, <see cref="ConfigFile"/> reads back to an equal model.</summary>
public static class ConfigJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(SwitchModel model)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            Keys(writer, ModelKeys.Of(model));
            if (model.Cpus.Count > 0)
            {
                writer.WriteStartArray("cpus");
                foreach (var cpu in model.Cpus)
                    writer.WriteNumberValue(cpu);
                writer.WriteEndArray();
            }
            writer.WriteStartObject("networks");
            foreach (var network in model.Networks)
                Entry(writer, network.Name, ModelKeys.Of(network));
            writer.WriteEndObject();
            writer.WriteStartObject("ports");
            var mtus = model.Networks.ToDictionary(network => network.Name, network => network.Mtu);
            foreach (var port in model.Ports)
                Entry(writer, port.Name, ModelKeys.Of(port, mtus[port.Network]));
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Entry(Utf8JsonWriter writer, string name, IEnumerable<WrittenKey> keys)
    {
        writer.WriteStartObject(name);
        Keys(writer, keys);
        writer.WriteEndObject();
    }

    private static void Keys(Utf8JsonWriter writer, IEnumerable<WrittenKey> keys)
    {
        foreach (var key in keys)
        {
            writer.WritePropertyName(key.Key);
            if (key.IsNumber)
                writer.WriteRawValue(key.Value!);
            else
                writer.WriteStringValue(key.Value);
        }
    }
}
