using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SoftSwitch.Config.Writing;

/// <summary>Values as JSON.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(WrittenMap map)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, s_options))
            Write(writer, map);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter writer, WrittenValue value)
    {
        switch (value)
        {
            case WrittenMap map:
                writer.WriteStartObject();
                foreach (var key in map.Keys)
                {
                    writer.WritePropertyName(key.Key);
                    Write(writer, key.Value!);
                }
                writer.WriteEndObject();
                break;
            case WrittenList list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case WrittenText { IsNumber: true } number:
                writer.WriteRawValue(number.Text);
                break;
            case WrittenText text:
                writer.WriteStringValue(text.Text);
                break;
        }
    }
}
