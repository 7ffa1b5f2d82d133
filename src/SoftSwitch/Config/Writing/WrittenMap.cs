namespace SoftSwitch.Config.Writing;

internal sealed record WrittenMap(IReadOnlyList<WrittenKey> Keys) : WrittenValue
{
    /// <summary>A map of the keys that have a value; null where none has and the map itself may be left out.</summary>
    public static WrittenMap? OrNone(params ReadOnlySpan<WrittenKey> keys) => Of(keys) is { Keys.Count: > 0 } map ? map : null;

    /// <summary>Of the keys that have a value.</summary>
    public static WrittenMap Of(params ReadOnlySpan<WrittenKey> keys)
    {
        var written = new List<WrittenKey>(keys.Length);
        foreach (var key in keys)
        {
            if (key.Value is not null)
                written.Add(key);
        }
        return new(written);
    }
}
