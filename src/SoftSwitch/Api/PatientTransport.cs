using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace SoftSwitch.Api;

/// <summary>A connection's bytes, in as they come and out by a <see cref="PatientWriter"/>.</summary>
internal sealed class PatientTransport(ConnectionContext connection, IDuplexPipe inner) : IDuplexPipe
{
    public PipeReader Input => inner.Input;

    public PipeWriter Output { get; } = new PatientWriter(connection, inner.Output);
}
