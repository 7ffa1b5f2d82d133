using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Logging;

namespace SoftSwitch.Persistence;

/// <summary>
/// Who this switch is, so that its stations are the same at every start and no other switch's: made from the machine's identity, a
/// secret in the state folder (`salt`: 32 random bytes in hexadecimal, made at the first start, readable by its owner alone), and a number
/// where several switches of this machine run from one state folder (<see cref="SwitchNumber"/>). Where the folder can't be used it is the
/// machine's identity alone.
/// </summary>
internal sealed class SwitchIdentity : IDisposable
{
    public const string SaltFile = "salt";

    private const int SaltBytes = 32;
    private const int MostBytes = 16 * 1024;

    private const string Disowned =
        "taps that guests hold from a run that had the folder count as another switch's, until it is started with that again";

    private readonly byte[] _key;
    private readonly SafeFileHandle? _lock;

    private SwitchIdentity(byte[] key, InterfaceMark mark, SafeFileHandle? held)
    {
        _key = key;
        Macs = new(key);
        Mark = mark;
        _lock = held;
    }

    /// <summary>What makes its stations' addresses.</summary>
    public StationMacs Macs { get; }

    /// <summary>What it writes on interfaces that outlive it.</summary>
    public InterfaceMark Mark { get; }

    /// <summary>Of a switch that runs until this is disposed.</summary>
    /// <param name="folder">The state folder; null: none is known.</param>
    /// <param name="socket">Its control socket.</param>
    /// <param name="machine"><see cref="MachineIdentity.Read"/>.</param>
    /// <param name="log">Gets a line about what is in the way, and about others that run beside.</param>
    public static SwitchIdentity Take(string? folder, string socket, string machine, ISwitchLog log)
    {
        if (folder is not null)
            StateFile.RemoveUnfinished(folder);
        if (Salt(folder, isToBeMade: true, out var obstacle) is not { } salt)
        {
            log.Write(LogLevel.Warning, machine.Length > 0
                ? $"MAC addresses are made without a secret of this switch's own, and change once there is one: {obstacle}; "
                    + $"write state: and a folder that can be written; {Disowned}"
                : "MAC addresses are made from names alone, and others may have the same: this machine has no /etc/machine-id, and "
                    + $"{obstacle}; write state: and a folder that can be written, or a mac: for each port; {Disowned}");
            return new(Key([], machine, 1), MarkOf([], machine, 1), null);
        }
        var held = SwitchNumber.Take(folder!, socket, out var number, out obstacle);
        if (obstacle is not null)
        {
            log.Write(LogLevel.Warning,
                string.Create(CultureInfo.InvariantCulture, $"this switch takes number {number} of those that run from {folder}, but ")
                + $"cannot keep it from others, which would have the same MAC addresses: {obstacle}");
        }
        if (number != 1)
        {
            log.Write(LogLevel.Warning,
                $"this switch is number {number} of those that run from {folder}, or ran last, and its MAC addresses are made for that; "
                + "a folder of its own (state:) would keep it apart");
        }
        return new(Key(salt, machine, number), MarkOf(salt, machine, number), held);
    }

    /// <summary>The addresses of a switch that need not run: those that it had last, or would have as the only one.</summary>
    /// <param name="obstacle">Why they can't be told; null: they can.</param>
    public static StationMacs? Look(string? folder, string socket, string machine, out string? obstacle) =>
        Salt(folder, isToBeMade: true, out obstacle) is { } salt
            ? new(Key(salt, machine, SwitchNumber.Last(folder!, socket) ?? 1))
            : null;

    /// <summary>Keeps the number for the program that this process executes next.</summary>
    /// <returns>What <see cref="Adopt"/> takes, a line: secret.</returns>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public string Leave() => string.Create(CultureInfo.InvariantCulture,
        $"{Convert.ToHexStringLower(_key)} {(_lock is null ? -1 : InheritedDescriptor.Leave(_lock))} {Mark.Alias}");

    /// <summary>
    /// The identity of the program that this one was before it was executed anew. Its number has been locked all the time: nobody else had
    /// a moment to take it, and the folder may be one that this program can't write in any more.
    /// </summary>
    public static SwitchIdentity Adopt(string left)
    {
        var words = left.Split(' ', 3);
        var held = words is [_, var number, ..] && int.TryParse(number, CultureInfo.InvariantCulture, out var descriptor) && descriptor >= 0
            ? InheritedDescriptor.Take(descriptor) : null;
        var mark = InterfaceMark.Read(words is [_, _, var alias] ? alias : null) ?? InterfaceMark.Nameless;
        return new(Convert.FromHexString(words[0]), mark, held);
    }

    public void Dispose() => _lock?.Dispose();

    /// <summary>As machine-id(5) asks: nothing of the machine's identity can be told from what is made with this.</summary>
    private static byte[] Key(byte[] salt, string machine, int number) =>
        HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"stations\n{machine}\n{number}")));

    /// <summary>The same for all that run from this folder: a switch that comes again with another number finds what it has left.</summary>
    private static InterfaceMark MarkOf(byte[] salt, string machine, int number) =>
        new(Convert.ToHexStringLower(HMACSHA256.HashData(salt, Encoding.UTF8.GetBytes($"interfaces\n{machine}"))[..4]), number);

    private static byte[]? Salt(string? folder, bool isToBeMade, out string? obstacle)
    {
        obstacle = folder is null ? "no folder is known to be yours: XDG_STATE_HOME and HOME are not set" : null;
        if (folder is null)
            return null;
        try
        {
            if (StateFile.Read(folder, SaltFile, MostBytes) is { } text)
            {
                if (Parse(text) is { } known)
                    return known;
                obstacle = $"{Path.Combine(folder, SaltFile)} is damaged: put it back from a backup, or remove it for new addresses";
                return null;
            }
            if (!isToBeMade)
                return null;
            var made = RandomNumberGenerator.GetBytes(SaltBytes);
            try
            {
                StateFile.Write(folder, SaltFile, Convert.ToHexStringLower(made) + "\n", isSecret: true, replaces: false);
                return made;
            }
            catch (IOException) when (File.Exists(Path.Combine(folder, SaltFile)))
            {
                // Another switch that starts in this moment was quicker.
                return Salt(folder, isToBeMade: false, out obstacle);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            obstacle = StateFile.Obstacle(e);
            return null;
        }
    }

    private static byte[]? Parse(string text)
    {
        var line = text.Trim();
        return line.Length == SaltBytes * 2 && line.All(char.IsAsciiHexDigit) ? Convert.FromHexString(line) : null;
    }
}
