namespace SoftSwitch.Config.Rows;

/// <summary>Durations in the configuration language: a whole number and a unit.</summary>
internal static class TimeScalars
{
    /// <summary>Seconds: 1000 years.</summary>
    private const long LongestDuration = 365_000L * 86400;

    public static ScalarType<TimeSpan> Duration(string least, string most)
    {
        if (!Parse(least, out var shortest) || !Parse(most, out var longest))
            throw new ArgumentException("not a duration");
        return new($"a duration from {least} to {most}, such as 300s, 5m or 12h",
            (string text, out TimeSpan value) => Parse(text, out value) && value >= shortest && value <= longest)
        { Format = value => $"{(long)value.TotalSeconds}s" };
    }

    private static bool Parse(string text, out TimeSpan value)
    {
        value = default;
        if (text.Length < 2 || !PlainScalars.ParseNumber(text.AsSpan(0, text.Length - 1), 0, int.MaxValue, out var number))
            return false;
        var unit = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        // Longer than a TimeSpan may be is longer than any key takes.
        var total = Math.Min((long)number * unit, LongestDuration);
        value = TimeSpan.FromSeconds(total);
        return unit != 0;
    }
}
