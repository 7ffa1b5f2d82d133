using System.Net.Sockets;
using SoftSwitch.Errors;
using SoftSwitch.Linux.Control;

namespace SoftSwitch.Cli;

/// <summary>Finds the running switch among the places where it may be.</summary>
internal sealed class SwitchConnector(SocketPath places)
{
    /// <summary>Where it was found last, or is looked for first.</summary>
    public string Path { get; private set; } = places.Places[0];

    /// <summary>The first of the places where somebody listens.</summary>
    public async ValueTask<Stream> Connect(CancellationToken cancel)
    {
        string? closed = null;
        foreach (var path in places.Places)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                // On a thread that may wait in the kernel: where many connect at once it lets them in one after the other, and turns
                // away who doesn't wait.
                var end = new UnixDomainSocketEndPoint(path);
                await Task.Run(() => socket.Connect(end), CancellationToken.None).WaitAsync(cancel);
                Path = path;
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (ArgumentException)
            {
                socket.Dispose();
                throw new CommandException(ExitStatus.Mistake,
                    $"the socket path {path} is too long or not a path; name another with --socket PATH");
            }
            catch (SocketException e)
            {
                socket.Dispose();
                if (e.SocketErrorCode == SocketError.AccessDenied)
                    closed ??= path;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        throw closed is null
            ? new CommandException(ExitStatus.NoSwitch, NobodyThere()) { MayPass = true }
            : new CommandException(ExitStatus.Failed, $"permission denied on {closed}; {ControlSocket.CureForRefused(closed)}");
    }

    private string NobodyThere()
    {
        var said = places.NamedBy == SocketPath.Variable ? $", which {SocketPath.Variable} names" : "";
        var cure = places.NamedBy is not null && Path != SocketPath.OfRoot && File.Exists(SocketPath.OfRoot)
            ? $"the system's is reached with --socket {SocketPath.OfRoot}"
            : "start one with: softswitch run FILE";
        return $"no running switch answers on {string.Join(" or ", places.Places)}{said} ({cure})";
    }
}
