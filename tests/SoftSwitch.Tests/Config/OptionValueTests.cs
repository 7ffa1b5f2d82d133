using CsCheck;
using SoftSwitch.Config.Rows;

namespace SoftSwitch.Tests.Config;

/// <summary>How values of options are written.</summary>
public sealed class OptionValueTests
{
    private const string Letters = "0123456789abfx.:,- uth";

    private static readonly string[] s_begins = ["", "u8 ", "u16 ", "u32 ", "text ", "hex ", "10.0.0.9,"];

    [Theory]
    [InlineData("10.0.0.9", "10.0.0.9", "0A000009")]
    [InlineData("10.0.0.9,10.0.0.10", "10.0.0.9, 10.0.0.10", "0A0000090A00000A")]
    [InlineData("0.0.0.0", "0.0.0.0", "00000000")]
    [InlineData("u8 255", "u8 255", "FF")]
    [InlineData("u16 258", "u16 258", "0102")]
    [InlineData("u32 4294967295", "u32 4294967295", "FFFFFFFF")]
    [InlineData("text u8 1", "text u8 1", "75382031")]
    [InlineData("hex 0A:fF", "hex 0a:ff", "0AFF")]
    public void A_value_has_its_bytes_and_one_way_to_be_written(string text, string written, string bytes)
    {
        Assert.True(OptionValues.Parse(text, out var value));
        Assert.Equal((written, bytes), (value.Text, Convert.ToHexString([.. value.Value])));
    }

    [Fact]
    public void No_value_is_longer_than_an_option()
    {
        Assert.True(OptionValues.Parse("text " + new string('x', 255), out _));
        Assert.False(OptionValues.Parse("text " + new string('x', 256), out _));
        Assert.True(OptionValues.Parse(string.Join(',', Enumerable.Repeat("10.0.0.9", 63)), out _));
        Assert.False(OptionValues.Parse(string.Join(',', Enumerable.Repeat("10.0.0.9", 64)), out _));
    }

    /// <summary>Whatever is taken is written so that it is read as the same, and what is advised instead of the rest is taken.</summary>
    [Fact]
    public void Any_text_is_refused_or_read_to_what_is_read_again() =>
        Gen.Select(Gen.Int[0, s_begins.Length - 1], Gen.String[Gen.Char[Letters], 0, 12]).Sample(
            (begin, rest) =>
            {
                var text = s_begins[begin] + rest;
                if (OptionValues.Parse(text, out var value))
                {
                    Assert.True(OptionValues.Parse(value.Text, out var again));
                    Assert.Equal(value, again);
                    Assert.InRange(value.Value.Count, 1, 255);
                }
                else if (OptionValues.Cure(text) is { } cure && cure.StartsWith("text ", StringComparison.Ordinal))
                {
                    Assert.True(OptionValues.Parse(cure, out _), cure);
                }
            }, iter: 20_000);
}
