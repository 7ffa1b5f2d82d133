using System.Text;

namespace SoftSwitch.Api.Events;

/// <summary>Events as they are written to a reader: fields on lines of their own, and an empty line behind each event (HTML, section
/// 9.2.6).</summary>
internal static class EventText
{
    /// <summary>A comment: readers leave it out.</summary>
    public static readonly ReadOnlyMemory<byte> Nothing = ":\n\n"u8.ToArray();

    public static byte[] Of(EventLine line, string id) => Of(line.View.Topic, line.Json, id);

    /// <param name="count">Events that are missing; null: nobody knows.</param>
    public static byte[] OfLost(long? count)
    {
        var text = count is { } number ? $"{number} events are missing: this reader was too slow"
            : "events may be missing: the last one that this reader had isn't known any more";
        return Of(EventView.Lost, EventView.Members.Json(
            new(EventView.Lost, EventView.Changed, text) { Time = DateTimeOffset.UtcNow, Count = count ?? 0 }), null);
    }

    private static byte[] Of(string topic, byte[] json, string? id) =>
        [.. Encoding.UTF8.GetBytes($"event: {topic}\n{(id is null ? "" : $"id: {id}\n")}data: "), .. json, .. "\n\n"u8];
}
