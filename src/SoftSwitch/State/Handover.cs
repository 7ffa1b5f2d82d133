using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Config;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Control;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Keeping;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Tunnels;
using SoftSwitch.Model;
using SoftSwitch.Persistence;

namespace SoftSwitch.State;

/// <summary>
/// `run` is two programs in one process, one after the other. The first has every right that it was started with, and does what takes them:
/// it reads the file, chooses subnets and remembers them, makes the control socket and gives it to its group, says who has a port that is
/// to be forwarded. The second is this program executed anew with what <see cref="Privilege"/> keeps, and so are all of its threads; it is
/// handed the finished model, the socket, who this switch is, and the way to its <see cref="Keeper"/>, which the first has started.
/// At a planned restart that is done once more, and what runs is handed over as well (<see cref="Inherited"/>).
/// </summary>
/// <param name="Model">What is to run.</param>
/// <param name="Socket">Where it answers.</param>
/// <param name="Identity">Who this switch is.</param>
/// <param name="Written">What the model was made of, a line.</param>
internal sealed record Handover(SwitchModel Model, ControlSocket Socket, SwitchIdentity Identity, string Written)
{
    /// <summary>In which form all of it is written. Another program must know it.</summary>
    public const int Form = 2;

    private const string Variable = "SOFTSWITCH_HANDOVER";
    private const string Nothing = "-";

    /// <summary>What a switch that runs leaves to the program that goes on in its process; nothing at a start.</summary>
    public Inheritance Inherited { get; private init; } = Inheritance.Nothing;

    /// <summary>What the first one hands over; null: this is the first.</summary>
    public static Handover? Take()
    {
        if (FreshStart.TakeLegacy(Variable)?.Split(' ', 6) is not
            [var first, var second, var tunnels, var keeper, var inherited, var left]
            || !int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var file)
            || !ulong.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var openFiles))
            return null;
        // Frames may wait, and the library that hashes takes milliseconds to load: beside the rest.
        new Thread(() => SHA256.HashData([])) { Name = "hashes", IsBackground = true }.Start();
        try
        {
            // The identity is a line, owners of ports are another, what was written a third, the model is the rest.
            if (MemoryFile.Take(file).Split('\n', 4) is not [var identity, var owners, var written, var model]
                || ConfigFile.ParseJson("the model", model) is not { Ok: true } read || ControlSocket.Adopt(left) is not { } socket)
                return null;
            OpenFiles.Adopt(openFiles);
            TunnelProgram.Adopt(tunnels);
            Keeper.Adopt(keeper);
            HostPorts.AdoptOwners(owners);
            return new(read.Model, socket, SwitchIdentity.Adopt(identity), written)
            {
                Inherited = int.TryParse(inherited, NumberStyles.None, CultureInfo.InvariantCulture, out var lines)
                    ? Inheritance.Read(MemoryFile.Take(lines)) : Inheritance.Nothing,
            };
        }
        catch (IOException)
        {
            return null; // Somebody else's variable of that name.
        }
    }

    /// <summary>This process has what only executing the program anew takes from it: rights of all its threads, and address
    /// space.</summary>
    public bool IsWorthIt => FreshStart.IsWorthIt(Privilege.Kept(Model));

    /// <summary>
    /// Gives up what isn't kept by executing this program again: then it doesn't return. Where the kernel refuses that (a security module
    /// may), only threads that are started from the calling one have less.
    /// </summary>
    /// <returns>What there is to tell about it.</returns>
    public string Give()
    {
        var kept = Privilege.Kept(Model);
        var cost = Capabilities.HasMoreThan(kept)
            ? "threads of the runtime keep privileges that nothing needs" : "more address space is set aside than anything needs";
        var refusal = Execute(kept, inherited: null);
        return $"{cost}, for softswitch can't start itself anew: {refusal}";
    }

    /// <summary>Has the program that is installed by now go on in this process: then it doesn't return.</summary>
    /// <param name="heir">What it goes on with.</param>
    /// <returns>Why it doesn't come.</returns>
    public string GiveAll(Inheritance heir)
    {
        using var inherited = MemoryFile.Leave(heir.Write());
        return Execute(Privilege.Kept(Model), inherited);
    }

    private string Execute(Capability[] kept, SafeFileHandle? inherited)
    {
        try
        {
            using var file = MemoryFile.Leave($"{Identity.Leave()}\n{HostPorts.LeaveOwners()}\n{Written}\n{ConfigJson.Write(Model)}");
            var lines = inherited?.DangerousGetHandle().ToString(CultureInfo.InvariantCulture) ?? Nothing;
            FreshStart.Execute(Variable, string.Create(CultureInfo.InvariantCulture,
                $"{file.DangerousGetHandle()} {OpenFiles.Before} {TunnelProgram.Leave()} {Keeper.Leave()} {lines} {Socket.Leave()}"), kept);
            throw new InvalidOperationException("the program went on after it was executed anew");
        }
        catch (SystemCallException e)
        {
            InheritedDescriptor.KeepAll();
            // Nothing that this thread starts gets what was meant for the next program.
            Capabilities.KeepOnly(kept);
            return e.Message;
        }
    }
}
