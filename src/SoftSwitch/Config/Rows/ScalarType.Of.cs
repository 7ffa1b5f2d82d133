using System.Globalization;

namespace SoftSwitch.Config.Rows;

/// <summary>A type with its values.</summary>
internal sealed record ScalarType<T>(string Expected, ScalarParser<T> Parse) : ScalarType(Expected)
{
    /// <summary>A value as it is written: what <see cref="Parse"/> reads back to the same.</summary>
    public Func<T, string> Format { get; init; } = value => string.Create(CultureInfo.InvariantCulture, $"{value}");

    public override bool Takes(string text) => Parse(text, out _);
}
