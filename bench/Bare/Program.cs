using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using Npgsql;
using NSec.Cryptography;
using Poolhouse.Core.Users;

namespace Poolhouse.Bare;

/// Prints what the costly steps of a call cost with nothing around them: CPU microseconds of this process for each time, done as often as the
/// second argument says, or, where it is `beside`, from the line `ready` on until the standard input ends. A read needs the connection string
/// of a database too.
static class Program
{
    static void Main(string[] args)
    {
        var once = args[0] switch
        {
            "signatures" => TwoSignatures(),
            "exponentiations" => SrpExponentiations(),
            "argon2id" => OneArgon2id(),
            "read" => OneRead(args[2]),
            var other => throw new ArgumentException($"nothing bare is called '{other}'"),
        };
        for (var i = 0; i < 60; i++) once(); // by then the runtime has compiled what is hot
        var ends = args[1] == "beside" ? Ended() : null;
        var most = ends is null ? int.Parse(args[1], CultureInfo.InvariantCulture) : int.MaxValue;

        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var times = 0;
        for (; times < most && ends is not { IsCompleted: true }; times++) once();
        process.Refresh();
        var spent = process.TotalProcessorTime - before;
        Console.WriteLine((spent.TotalMicroseconds / times).ToString("F1", CultureInfo.InvariantCulture));
    }

    static Task Ended()
    {
        Console.WriteLine("ready");
        return Task.Run(Console.In.ReadToEnd);
    }

    /// The RS256 signatures of an ID token and an access token.
    static Action TwoSignatures()
    {
        RSA id = RSA.Create(2048), access = RSA.Create(2048);
        var token = RandomNumberGenerator.GetBytes(700); // about as long as the part of a token that is signed
        return () =>
        {
            id.SignData(token, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            access.SignData(token, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        };
    }

    /// What the server raises to powers in one SRP exchange: g^b to begin it, then v^u and (a·v^u)^b to judge the claim.
    static Action SrpExponentiations()
    {
        var (verifier, a) = (Srp.Number(RandomNumberGenerator.GetBytes(383)), Srp.Number(RandomNumberGenerator.GetBytes(383)));
        return () =>
        {
            var (b, u) = (Srp.Number(RandomNumberGenerator.GetBytes(64)), Srp.Number(RandomNumberGenerator.GetBytes(32)));
            BigInteger.ModPow(2, b, Srp.N);
            BigInteger.ModPow(a * BigInteger.ModPow(verifier, u, Srp.N), b, Srp.N);
        };
    }

    /// One hash of a password, with the server's library and parameters.
    static Action OneArgon2id()
    {
        var argon2 = PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = 19456, NumberOfPasses = 2 });
        var (password, salt) = ("Bench-password-1"u8.ToArray(), RandomNumberGenerator.GetBytes(16));
        return () => argon2.DeriveBytes(password, salt, 32);
    }

    /// What a refresh reads on PostgreSQL, a session with its user, by Npgsql at its barest: one prepared statement on one connection, whose thread waits.
    static Action OneRead(string database)
    {
        var connection = new NpgsqlConnection(database);
        connection.Open();
        var session = (string)new NpgsqlCommand("select id from sessions limit 1", connection).ExecuteScalar()!;
        var command = new NpgsqlCommand(
            """
            select s.*, u.*, exists (select 1 from group_members m where m.pool_id = s.pool_id and m.sub = s.user_sub)
              from sessions s left join users u on u.pool_id = s.pool_id and u.sub = s.user_sub where s.id = $1
            """, connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = session } } };
        command.Prepare();
        return () =>
        {
            using var row = command.ExecuteReader();
            row.Read();
            for (var i = 0; i < row.FieldCount; i++) row.GetValue(i);
        };
    }
}
