using System.Globalization;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Files;

namespace SoftSwitch.Persistence;

/// <summary>
/// Which of the switches that run from one state folder this is.
/// <code>
///   switches    which number a switch had last, by its control socket: a line each
///   switch-N    locked by the running switch that has the number N
/// </code>
/// A switch takes the number that it had, or the first that is free; so one that is alone always has the first, and two that run side
/// by side keep theirs.
/// </summary>
internal static class SwitchNumber
{
    private const string NumbersFile = "switches";
    private const int MostNumbers = 64;
    private const int MostBytes = 16 * 1024;

    /// <summary>Null where nothing can be locked: then it is alone as far as anybody can tell.</summary>
    public static SafeFileHandle? Take(string folder, string socket, out int number)
    {
        try
        {
            using var own = StateFile.Make(folder);
            var numbers = All(folder);
            var before = numbers.GetValueOrDefault(socket);
            SafeFileHandle? held = null;
            number = before;
            if (before == 0 || (held = TryHold(own, before)) is null)
            {
                for (number = 1; number < MostNumbers && (held = TryHold(own, number)) is null; number++)
                {
                }
            }
            if (held is not null && number != before)
            {
                numbers.Remove(socket);
                var latest = numbers.Prepend(new(socket, number)).Take(MostNumbers);
                StateFile.Write(folder, NumbersFile,
                    string.Concat(latest.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Value} {one.Key}\n"))));
            }
            return held;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            number = 1;
            return null;
        }
    }

    /// <summary>The number that a switch had last; null: it had none.</summary>
    public static int? Last(string folder, string socket) => All(folder).TryGetValue(socket, out var number) ? number : null;

    private static Dictionary<string, int> All(string folder)
    {
        var numbers = new Dictionary<string, int>();
        foreach (var line in (StateFile.Read(folder, NumbersFile, MostBytes) ?? "").Split('\n').Take(MostNumbers))
        {
            if (line.Split(' ', 2) is not [var written, var socket])
                continue;
            if (int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < MostNumbers)
                numbers.TryAdd(socket, number);
        }
        return numbers;
    }

    /// <summary>The kernel lets go of it when the process ends for any reason. Null: another switch has the number, or a stranger's file
    /// is in its place.</summary>
    private static SafeFileHandle? TryHold(OwnFolder folder, int number)
    {
        try
        {
            return folder.Hold(string.Create(CultureInfo.InvariantCulture, $"switch-{number}"));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
