using SoftSwitch.Cli.Tables;

namespace SoftSwitch.Tests.Cli;

public class UnitsTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.00 kB")]
    [InlineData(9_994, "9.99 kB")]
    [InlineData(9_996, "10.0 kB")]
    [InlineData(99_960, "100 kB")]
    [InlineData(999_499, "999 kB")]
    [InlineData(999_500, "1.00 MB")]
    [InlineData(long.MaxValue, "9.22 EB")]
    public void Bytes_have_three_digits(long bytes, string expected) => Assert.Equal(expected, Units.Bytes(bytes));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(59, "59s")]
    [InlineData(60, "1m")]
    [InlineData(200, "3m20s")]
    [InlineData(7500, "2h5m")]
    [InlineData(349_200, "4d1h")]
    public void Seconds_have_their_two_largest_units(long seconds, string expected) => Assert.Equal(expected, Units.Seconds(seconds));
}
