using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace SoftSwitch.Persistence;

/// <summary>
/// Which of the switches that run from one state folder this is.
/// <code>
///   switches    which number a switch had last, by its control socket: a line each
///   switch-N    locked by the running switch that has the number N; the kernel lets go of it when the process ends for any reason
/// </code>
/// A switch takes the number that it had, or the first that is free; so the only one there ever was has the first, and two that run side by
/// side keep theirs, also while the other is away.
/// </summary>
internal static class SwitchNumber
{
    private const string NumbersFile = "switches";
    private const int MostNumbers = 64;
    private const int MostBytes = 16 * 1024;

    /// <summary>Null where nothing can be locked: then it is alone as far as anybody can tell, and has the number all the same. Whoever
    /// puts a file into our place must not make another switch of us.</summary>
    /// <param name="folder">The state folder.</param>
    /// <param name="socket">The switch's control socket.</param>
    /// <param name="number">The switch's.</param>
    /// <param name="obstacle">What is in the way of the lock, or of keeping the number; null: nothing.</param>
    public static SafeFileHandle? Take(string folder, string socket, out int number, out string? obstacle)
    {
        obstacle = null;
        number = 1;
        SafeFileHandle? held = null;
        try
        {
            using var own = StateFile.Make(folder);
            var numbers = All(folder, out obstacle);
            var before = numbers.GetValueOrDefault(socket);
            foreach (var one in Enumerable.Range(1, MostNumbers - 1).Prepend(before).Where(one => one > 0))
            {
                number = one;
                // Null: another switch has it.
                if ((held = own.Hold(string.Create(CultureInfo.InvariantCulture, $"switch-{one}"))) is not null)
                    break;
            }
            if (held is null)
                number = MostNumbers;
            else if (number != before)
            {
                numbers.Remove(socket);
                var latest = numbers.Prepend(new(socket, number)).Take(MostNumbers);
                StateFile.Write(folder, NumbersFile,
                    string.Concat(latest.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Value} {one.Key}\n"))));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            obstacle = StateFile.Obstacle(e);
        }
        return held;
    }

    /// <summary>The number that a switch had last; null: it had none.</summary>
    public static int? Last(string folder, string socket) => All(folder, out _).TryGetValue(socket, out var number) ? number : null;

    /// <summary>None from a file that doesn't count: <paramref name="obstacle"/> says why.</summary>
    private static Dictionary<string, int> All(string folder, out string? obstacle)
    {
        obstacle = null;
        var (numbers, text) = (new Dictionary<string, int>(), "");
        try
        {
            text = StateFile.Read(folder, NumbersFile, MostBytes) ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            obstacle = StateFile.Obstacle(e);
        }
        foreach (var line in text.Split('\n').Take(MostNumbers))
        {
            if (line.Split(' ', 2) is not [var written, var socket])
                continue;
            if (int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < MostNumbers)
                numbers.TryAdd(socket, number);
        }
        return numbers;
    }
}
