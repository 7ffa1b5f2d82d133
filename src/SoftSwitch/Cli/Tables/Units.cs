using System.Globalization;

namespace SoftSwitch.Cli.Tables;

/// <summary>Numbers as people read them; scripts take --json.</summary>
internal static class Units
{
    private static readonly string[] s_decimal = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Bytes in powers of a thousand, three digits: 999 B, 1.23 kB, 45.6 MB.</summary>
    public static string Bytes(long bytes)
    {
        if (bytes < 1000)
            return $"{Number(bytes)} B";
        double value = bytes;
        var unit = 0;
        while (value >= 999.5 && unit < s_decimal.Length - 1)
        {
            value /= 1000;
            unit++;
        }
        var digits = value < 9.995 ? "0.00" : value < 99.95 ? "0.0" : "0";
        return $"{value.ToString(digits, CultureInfo.InvariantCulture)} {s_decimal[unit]}";
    }

    /// <summary>Seconds in the two largest units: 7s, 3m20s, 2h5m, 4d1h.</summary>
    public static string Seconds(long seconds)
    {
        var (large, small, largeUnit, smallUnit) = seconds switch
        {
            < 60 => (seconds, 0, "s", ""),
            < 3600 => (seconds / 60, seconds % 60, "m", "s"),
            < 86400 => (seconds / 3600, seconds / 60 % 60, "h", "m"),
            _ => (seconds / 86400, seconds / 3600 % 24, "d", "h"),
        };
        return small == 0 ? $"{Number(large)}{largeUnit}" : $"{Number(large)}{largeUnit}{Number(small)}{smallUnit}";
    }
}
