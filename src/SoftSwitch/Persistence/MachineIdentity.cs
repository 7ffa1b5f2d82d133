namespace SoftSwitch.Persistence;

/// <summary>
/// What tells this machine from every other: its id (machine-id(5)), and the id that its firmware or hypervisor gives it, by which two
/// machines cloned from one image differ. A user who may not read the second has the first alone. Confidential: its only use is in a keyed
/// hash.
/// </summary>
internal static class MachineIdentity
{
    private const string MachineId = "/etc/machine-id";
    private const string FirmwareId = "/sys/class/dmi/id/product_uuid";
    private const int MostLetters = 64;

    /// <summary>Empty where there is nothing.</summary>
    public static string Read() => Of(Line(MachineId), Line(FirmwareId));

    /// <param name="machine">32 hexadecimal digits; anything else, such as "uninitialized", is none.</param>
    /// <param name="firmware">A UUID that isn't all one digit.</param>
    internal static string Of(string? machine, string? firmware)
    {
        var id = machine is { Length: 32 } && machine.All(char.IsAsciiHexDigit) ? machine.ToLowerInvariant() : "";
        return Guid.TryParseExact(firmware, "D", out var uuid) && firmware!.Distinct().Count() > 2 ? $"{id}\n{uuid:D}" : id;
    }

    private static string? Line(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var letters = new char[MostLetters];
            return new string(letters, 0, reader.ReadBlock(letters)).Split('\n')[0].Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
