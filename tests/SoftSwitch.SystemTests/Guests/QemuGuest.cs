using System.Text;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Guests;

/// <summary>
/// A virtual machine with a real kernel (QEMU, TCG: no KVM needed), told what to do over its serial line. Starting returns
/// at once; the first command waits for the boot, so several guests boot side by side. One command at a time.
/// Disposal kills QEMU by its pid.
/// </summary>
public sealed class QemuGuest : IStation, IDisposable
{
    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(60);
    private readonly BackgroundProcess _qemu;
    private readonly Lock _gate = new();
    private bool _booted;
    private int _commands;
    private int _read;

    /// <summary>Starts QEMU, inside <paramref name="host"/> if given, with these arguments beside the usual ones.</summary>
    public QemuGuest(GuestImage image, NetNs? host, params IEnumerable<string> arguments)
    {
        string[] all =
        [
            "-accel", "tcg", "-cpu", "max", "-nodefaults", "-no-user-config", "-nographic", "-no-reboot", "-m", "256",
            "-kernel", image.Kernel, "-initrd", image.Initramfs,
            "-append", "console=ttyS0 quiet loglevel=1 panic=-1 edd=off mitigations=off tsc=reliable nokaslr random.trust_cpu=on",
            "-serial", "stdio", .. arguments,
        ];
        var program = Need.Tool("qemu-system-x86_64");
        _qemu = host?.Start(program, all) ?? new BackgroundProcess(program, all);
    }

    /// <summary>QEMU's process id.</summary>
    public int Pid => _qemu.Pid;

    /// <summary>
    /// QEMU's arguments for a network card on an existing tap, as a user would write them. The first card of a guest is its eth0.
    /// </summary>
    /// <param name="device">"virtio-net-pci" (image <see cref="GuestImage.Virtio"/>) or "e1000" (<see cref="GuestImage.E1000"/>).</param>
    /// <param name="options">Further options of the device, such as <see cref="NoSuperFrames"/>.</param>
    public static string[] Tap(string interfaceName, string mac, string device = "virtio-net-pci", string options = "")
    {
        var comma = options.Length > 0 ? "," : "";
        return
        [
            "-netdev", $"tap,id={interfaceName},ifname={interfaceName},script=no,downscript=no",
            "-device", $"{device},netdev={interfaceName},mac={mac},romfile={comma}{options}",
        ];
    }

    /// <summary>virtio options of a guest that takes neither super-frames nor partial checksums.</summary>
    public const string NoSuperFrames = "guest_tso4=off,guest_tso6=off,guest_ecn=off,guest_ufo=off,guest_csum=off";

    /// <summary>Waits until the guest takes commands.</summary>
    public void WaitForPrompt()
    {
        lock (_gate)
        {
            if (_booted) return;
            _qemu.WaitForLine(line => line.Contains("guest-prompt"), BootLimit);
            _booted = true;
        }
    }

    /// <summary>
    /// Runs one line of shell in the guest. What it wrote to either stream is in Output. A command that goes on in the
    /// background has to send its output elsewhere ("… > /tmp/log 2>&amp;1 &amp;").
    /// </summary>
    public ShellResult Run(string words, TimeSpan? limit = null)
    {
        if (words.Contains('\n') || Encoding.UTF8.GetByteCount(words) > 4000)
            throw new ArgumentException("a guest's command is one line of at most 4000 bytes", nameof(words));
        WaitForPrompt();
        lock (_gate)
        {
            var end = $"c{++_commands}-end ";
            _read = _qemu.Output.Count;
            _qemu.Input.Write($"c{_commands} {words}\n");
            _qemu.Input.Flush();
            var last = _qemu.WaitForLine(line => line.StartsWith(end, StringComparison.Ordinal), limit ?? Shell.DefaultLimit);
            var lines = _qemu.Output.Skip(_read).TakeWhile(line => line != last).ToList();
            // The end mark starts on a line of its own: one line end of what is before it is not the command's.
            if (lines.Count > 0 && lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
            return new ShellResult(words, int.Parse(last[end.Length..]), string.Concat(lines.Select(line => line + "\n")), "");
        }
    }

    /// <summary>Runs one line, which has to succeed, and returns what it wrote.</summary>
    public string Check(string words, TimeSpan? limit = null) => Run(words, limit).Succeeded().Output;

    /// <summary>Brings an interface up with an address ("10.0.0.1/24"), and a second one if given.</summary>
    public void Address(string interfaceName, params IEnumerable<string> addresses)
    {
        foreach (var address in addresses) Check($"ip addr add {address} dev {interfaceName}");
        Check($"ip link set dev {interfaceName} up");
    }

    /// <summary>Pulls the plug.</summary>
    public void Kill() => _qemu.Kill();

    /// <inheritdoc/>
    public void Dispose() => _qemu.Dispose();
}
