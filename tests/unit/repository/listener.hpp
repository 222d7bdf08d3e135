#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdexcept>
#include <string>

#include "base/descriptor.hpp"

/// A loopback port that takes connections and says nothing on its own.
class Listener {
public:
    Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(socket_.get(), generic, size) != 0 || ::listen(socket_.get(), 8) != 0 ||
            ::getsockname(socket_.get(), generic, &size) != 0)
            throw std::runtime_error("no loopback port");
        port_ = ntohs(address.sin_port);
    }

    std::string place() const { return "127.0.0.1:" + std::to_string(port_); }
    /// Waits for someone to connect.
    iac::Descriptor accept() const {
        return iac::Descriptor(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    /// Waits for a request, answers it, and returns it.
    std::string answer(const std::string& response) const {
        const auto connection = accept();
        std::string request;
        char buffer[4096];
        while (request.find("\r\n\r\n") == std::string::npos) {
            const auto size = ::read(connection.get(), buffer, sizeof buffer);
            if (size <= 0) break;
            request.append(buffer, static_cast<std::size_t>(size));
        }
        ::send(connection.get(), response.data(), response.size(), MSG_NOSIGNAL);
        return request;
    }

private:
    iac::Descriptor socket_;
    int port_ = 0;
};
